package io.tunabledb.hibernate;

import java.util.HashSet;
import java.util.Set;
import org.hibernate.dialect.sql.ast.H2SqlAstTranslator;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.metamodel.mapping.EntityMappingType;
import org.hibernate.metamodel.mapping.EntityValuedModelPart;
import org.hibernate.metamodel.mapping.ModelPartContainer;
import org.hibernate.metamodel.mapping.PluralAttributeMapping;
import org.hibernate.sql.ast.tree.Statement;
import org.hibernate.sql.ast.tree.from.TableGroup;
import org.hibernate.sql.ast.tree.select.QuerySpec;
import org.hibernate.sql.exec.spi.JdbcOperation;

/**
 * Notes which entities a query reads, at any depth, and puts the hint of the strongest before its SQL. Hibernate keeps
 * the outcome with the query's plan, so this costs nothing when the query is executed again.
 */
final class ConsistencyTranslator<T extends JdbcOperation> extends H2SqlAstTranslator<T> {
    private final Set<EntityMappingType> entities = new HashSet<>();

    ConsistencyTranslator(SessionFactoryImplementor factory, Statement statement) {
        super(factory, statement);
    }

    @Override
    public void visitQuerySpec(QuerySpec query) {
        query.getFromClause().visitTableGroups(this::note);
        super.visitQuerySpec(query);
    }

    private void note(TableGroup group) {
        ModelPartContainer part = group.getModelPart();
        if (part instanceof EntityValuedModelPart entity) {
            entities.add(entity.getEntityMappingType());
        } else if (part instanceof PluralAttributeMapping collection) {
            entities.add(
                    collection.getElementDescriptor() instanceof EntityValuedModelPart element
                            ? element.getEntityMappingType()
                            : collection.findContainingEntityMapping());
        }
    }

    @Override
    public String getSql() {
        String ladder = EntityLadders.strongest(entities);
        return ladder == null ? super.getSql() : HintComment.ofEntity(ladder, super.getSql());
    }
}
