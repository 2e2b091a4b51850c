package io.tunabledb.hibernate;

import java.util.List;
import java.util.function.Predicate;
import org.hibernate.dialect.H2Dialect;
import org.hibernate.dialect.sql.ast.H2SqlAstTranslator;
import org.hibernate.engine.jdbc.dialect.spi.DialectResolutionInfo;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.query.spi.QueryOptions;
import org.hibernate.sql.ast.SqlAstTranslator;
import org.hibernate.sql.ast.SqlAstTranslatorFactory;
import org.hibernate.sql.ast.spi.StandardSqlAstTranslatorFactory;
import org.hibernate.sql.ast.tree.Statement;
import org.hibernate.sql.ast.tree.select.SelectStatement;
import org.hibernate.sql.exec.spi.JdbcOperation;
import org.hibernate.sql.exec.spi.JdbcSelect;
import org.jspecify.annotations.Nullable;

/** Hibernate's H2 dialect, with the levels that entities and queries ask for. Hibernate finds it by the driver's name. */
public final class TunableDialect extends H2Dialect {

    /** Of the database behind a connection. */
    public TunableDialect(DialectResolutionInfo info) {
        super(info);
    }

    @Override
    public SqlAstTranslatorFactory getSqlAstTranslatorFactory() {
        return new StandardSqlAstTranslatorFactory() {
            @Override
            public SqlAstTranslator<JdbcSelect> buildSelectTranslator(
                    SessionFactoryImplementor factory, SelectStatement statement) {
                return new ConsistencyTranslator<>(factory, statement);
            }

            @Override
            protected <T extends JdbcOperation> SqlAstTranslator<T> buildTranslator(
                    SessionFactoryImplementor factory, Statement statement) {
                return new H2SqlAstTranslator<>(factory, statement);
            }
        };
    }

    @Override
    public String addSqlHintOrComment(String sql, QueryOptions options, boolean commentsEnabled) {
        String plain = HintComment.withoutEntity(sql);
        String with = super.addSqlHintOrComment(plain, options, commentsEnabled);
        String asked = ConsistencyHint.of(options);
        if (asked != null) {
            return HintComment.ofQuery(asked, with);
        }
        // a level stays in front, where a session's finds it
        return sql.substring(0, sql.length() - plain.length()) + with;
    }

    /** Ours are no index names, which is what H2's hints are. */
    @Override
    public String getQueryHintString(String query, List<String> hints) {
        return super.getQueryHintString(
                query,
                hints.stream().filter(Predicate.not(ConsistencyHint::isOne)).toList());
    }

    /** Foreign keys are checked for all sessions or none, so Hibernate drops and makes them again when it truncates. */
    @Override
    public boolean canDisableConstraints() {
        return false;
    }

    @Override
    public @Nullable String getDisableConstraintsStatement() {
        return null;
    }

    @Override
    public @Nullable String getEnableConstraintsStatement() {
        return null;
    }
}
