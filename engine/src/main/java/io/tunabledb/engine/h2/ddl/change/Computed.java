package io.tunabledb.engine.h2.ddl.change;

import io.tunabledb.engine.h2.sql.SqlTokens;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.h2.constraint.ConstraintDomain;
import org.h2.engine.Database;
import org.h2.expression.Expression;
import org.h2.mvstore.db.MVTable;
import org.h2.schema.Domain;
import org.h2.schema.Schema;
import org.h2.table.Column;
import org.h2.util.HasSQL;
import org.jspecify.annotations.Nullable;

/**
 * What a definition computes of rows that are there, as far as its texts say: whether that may take memory which only the
 * rows tell. Then it must be tried with them, because every replica would end on it. Rather more than less.
 */
public final class Computed {
    /** What makes a value as long as an argument, or a number of rows, says. */
    private static final Set<String> GROWING = Set.of(
            "REPEAT",
            "SPACE",
            "LPAD",
            "RPAD",
            "EXPAND",
            "REPLACE",
            "REGEXP_REPLACE",
            "LISTAGG",
            "GROUP_CONCAT",
            "STRING_AGG",
            "ARRAY_AGG",
            "JSON_ARRAYAGG",
            "JSON_OBJECTAGG");

    /** How much memory it may take. */
    public enum Need {
        /** About as much as the rows take already. */
        LITTLE,
        /** What the rows of the tables it concerns say. */
        BY_ROWS,
        /** What the rows of any table say, since it queries. */
        BY_ALL_ROWS
    }

    private final List<String> texts = new ArrayList<>();

    private Computed() {}

    /**
     * What a definition needs.
     *
     * @param tables those it concerns, as they are before it
     */
    public static Need need(SchemaChange definition, Collection<MVTable> tables, Database database) {
        if (!computes(definition.sql())) {
            return Need.LITTLE;
        }
        Computed computed = new Computed();
        computed.texts.add(definition.sql());
        tables.forEach(computed::addRebuilt);
        Set<String> named = new HashSet<>();
        SqlTokens.of(definition.sql()).forEach(token -> named.add(token.text()));
        for (Schema schema : database.getAllSchemasNoMeta()) {
            for (Domain domain : schema.getAllDomains()) {
                if (named.contains(domain.getName())) {
                    computed.add(domain);
                }
            }
        }
        if (computed.texts.stream().anyMatch(Computed::queries)) {
            return Need.BY_ALL_ROWS;
        }
        return computed.texts.stream().anyMatch(Computed::grows) ? Need.BY_ROWS : Need.LITTLE;
    }

    /** Whether it may compute values of rows. What makes a view or an index doesn't, nor a table, which begins empty. */
    private static boolean computes(String sql) {
        return SqlTokens.startsWith(sql, "ALTER", "TABLE")
                || SqlTokens.startsWith(sql, "ALTER", "DOMAIN")
                || SqlTokens.startsWith(sql, "ALTER", "SEQUENCE")
                || SqlTokens.startsWith(sql, "CREATE", "CONSTANT")
                || SqlTokens.startsWith(sql, "CREATE", "SEQUENCE");
    }

    /** When a table is rebuilt, its generated columns are computed and its domains' checks are made. */
    private void addRebuilt(MVTable table) {
        for (Column column : table.getColumns()) {
            if (column.isGenerated()) {
                add(column.getDefaultExpression());
            }
            if (column.getDomain() != null) {
                add(column.getDomain());
            }
        }
    }

    private void add(Domain domain) {
        add(domain.getDefaultExpression());
        add(domain.getOnUpdateExpression());
        List<ConstraintDomain> checks = domain.getConstraints();
        if (checks != null) {
            checks.forEach(check -> texts.add(check.getCreateSQL()));
        }
        if (domain.getDomain() != null) {
            add(domain.getDomain());
        }
    }

    private void add(@Nullable Expression value) {
        if (value != null) {
            texts.add(value.getSQL(HasSQL.DEFAULT_SQL_FLAGS));
        }
    }

    private static boolean queries(String sql) {
        return SqlTokens.of(sql).stream()
                .anyMatch(token -> token.is("SELECT") || (token.is("TABLE") && token.depth() > 0));
    }

    /** BINARY(n) is filled up. */
    private static boolean grows(String sql) {
        return SqlTokens.of(sql).stream()
                .anyMatch(token -> !token.quoted() && (GROWING.contains(token.text()) || token.is("BINARY")));
    }
}
