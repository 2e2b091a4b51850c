package io.tunabledb.engine.h2.internals;

import java.util.List;
import java.util.function.Supplier;
import org.h2.command.query.Query;
import org.h2.constraint.Constraint;
import org.h2.constraint.ConstraintCheck;
import org.h2.constraint.ConstraintDomain;
import org.h2.engine.Database;
import org.h2.expression.Expression;
import org.h2.expression.ValueExpression;
import org.h2.schema.Domain;
import org.h2.schema.Schema;
import org.h2.table.Column;
import org.h2.table.ColumnResolver;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * Where a schema keeps expressions that are computed for rows: defaults, generated columns, ON UPDATE clauses and checks of
 * tables and domains. Those that query are exchanged for {@link SessionExpression}s after whatever may have brought some.
 */
public final class SchemaExpressions {
    private static final H2Tree DEFAULT = new H2Tree(Column.class, "defaultExpression");
    private static final H2Tree ON_UPDATE = new H2Tree(Column.class, "onUpdateExpression");
    private static final H2Tree GENERATED_ROW = new H2Tree(Column.class, "generatedTableFilter");
    private static final H2Tree DOMAIN_DEFAULT = new H2Tree(Domain.class, "defaultExpression");
    private static final H2Tree DOMAIN_ON_UPDATE = new H2Tree(Domain.class, "onUpdateExpression");
    private static final H2Tree CHECK = new H2Tree(ConstraintCheck.class, "expr");
    private static final H2Tree CHECKED_ROW = new H2Tree(ConstraintCheck.class, "filter");
    private static final H2Tree DOMAIN_CHECK = new H2Tree(ConstraintDomain.class, "expr");
    private static final H2Tree DOMAIN_VALUE = new H2Tree(ConstraintDomain.class, "resolver");

    private SchemaExpressions() {}

    /**
     * Lets each session compile those for itself that query. Others may compute meanwhile, since what they find is one or the
     * other.
     */
    public static void separate(Database database) {
        for (Schema schema : database.getAllSchemasNoMeta()) {
            for (Domain domain : schema.getAllDomains()) {
                separate(domain, DOMAIN_DEFAULT, () -> null);
                separate(domain, DOMAIN_ON_UPDATE, () -> null);
                List<ConstraintDomain> checks = domain.getConstraints();
                if (checks != null) {
                    checks.forEach(check -> separate(check, DOMAIN_CHECK, () -> columns(check, DOMAIN_VALUE)));
                }
            }
            for (Table table : schema.getAllTablesAndViews(null)) {
                for (Column column : table.getColumns()) {
                    separate(column, DEFAULT, () -> columns(column, GENERATED_ROW));
                    separate(column, ON_UPDATE, () -> null);
                }
            }
            for (Constraint constraint : schema.getAllConstraints()) {
                if (constraint instanceof ConstraintCheck) {
                    separate(constraint, CHECK, () -> columns(constraint, CHECKED_ROW));
                }
            }
        }
    }

    private static void separate(Object owner, H2Tree place, Supplier<@Nullable ColumnResolver> row) {
        Expression declared = place.of(owner, Expression.class);
        if (declared != null && isShared(declared)) {
            place.set(owner, new SessionExpression(declared, row, owner instanceof ConstraintDomain));
        }
    }

    private static boolean isShared(Expression declared) {
        return !(declared instanceof ValueExpression)
                && !(declared instanceof SessionExpression)
                && CompiledParts.of(declared).stream().anyMatch(part -> part.what() instanceof Query);
    }

    private static @Nullable ColumnResolver columns(Object owner, H2Tree place) {
        return place.of(owner, ColumnResolver.class);
    }
}
