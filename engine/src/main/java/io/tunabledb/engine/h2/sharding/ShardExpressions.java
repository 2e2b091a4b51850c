package io.tunabledb.engine.h2.sharding;

import io.tunabledb.engine.h2.internals.CompiledParts;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sql.ReservedNames;
import io.tunabledb.engine.h2.sql.SqlTokens;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.h2.command.query.Select;
import org.h2.constraint.Constraint;
import org.h2.constraint.ConstraintCheck;
import org.h2.engine.Database;
import org.h2.expression.ValueExpression;
import org.h2.mvstore.db.MVTable;
import org.h2.schema.Domain;
import org.h2.schema.Schema;
import org.h2.table.Column;
import org.jspecify.annotations.Nullable;

/**
 * What a table's definition computes with queries: defaults, generated columns, checks and those of domains. A shard
 * computes them for its rows alone, so the rows they read must all be there.
 */
public final class ShardExpressions {
    private final Map<MVTable, ShardSetting> tables;

    public ShardExpressions(Map<MVTable, ShardSetting> tables) {
        this.tables = tables;
    }

    /** Why what one of these tables computes would differ from shard to shard, or null. */
    @Nullable
    public String refusal(Iterable<MVTable> all) {
        for (MVTable table : all) {
            if (ReservedNames.isOwn(table.getSchema().getName())) {
                continue;
            }
            for (Map.Entry<String, Object> each : expressions(table).entrySet()) {
                for (MVTable read : read(each.getValue(), table)) {
                    if (!isWhole(read, table)) {
                        return each.getKey() + " of " + Tables.nameOf(table) + " reads " + Tables.nameOf(read)
                                + ", whose rows are not all in each shard that has rows of " + Tables.nameOf(table)
                                + "; make it a REFERENCE table, or compute the value in the statement";
                    }
                }
            }
        }
        return null;
    }

    private boolean isWhole(MVTable read, MVTable by) {
        ShardSetting setting = tables.get(read);
        return setting == null ? tables.get(by) == null : setting.isReference();
    }

    /**
     * Why a domain can't be used in any shard, or null. A domain may be named by any statement, and that may be executed in any
     * shard.
     */
    @Nullable
    public String refusal(Database database) {
        for (Schema schema : database.getAllSchemasNoMeta()) {
            for (Domain domain : schema.getAllDomains()) {
                for (MVTable read : read(domain)) {
                    ShardSetting setting = tables.get(read);
                    if (setting != null && !setting.isReference()) {
                        return "domain " + Tables.nameOf(domain) + " reads " + Tables.nameOf(read)
                                + ", whose rows are not all in each shard, where a statement may name the domain; make it a"
                                + " REFERENCE table, or check the values in the statement";
                    }
                }
            }
        }
        return null;
    }

    /** The tables that what is computed for a table's rows reads. */
    public static Set<MVTable> read(MVTable table) {
        Set<MVTable> read = new LinkedHashSet<>();
        expressions(table).values().forEach(computing -> read.addAll(read(computing, table)));
        return read;
    }

    /** The tables that a domain's default and checks read. */
    public static Set<MVTable> read(Domain domain) {
        List<Object> computing = new ArrayList<>();
        computing.add(domain);
        for (Domain each = domain; each != null; each = each.getDomain()) {
            computing.add(each.getDefaultExpression());
            computing.add(each.getOnUpdateExpression());
        }
        Set<MVTable> read = new LinkedHashSet<>();
        for (CompiledParts.Part part : CompiledParts.of(computing)) {
            if (part.what() instanceof MVTable table && isThere(table)) {
                read.add(table);
            }
        }
        return read;
    }

    /** H2 lets go of a table that a domain's check reads. Such a definition is refused, but not before it was tried. */
    private static boolean isThere(MVTable table) {
        return table.isValid();
    }

    /** A domain with checks that read tables, if a text casts to one; else null. */
    public static @Nullable String domainCastTo(String sql, Database database) {
        for (Schema schema : database.getAllSchemasNoMeta()) {
            for (Domain domain : schema.getAllDomains()) {
                if (isCastTo(domain, sql) && !read(domain).isEmpty()) {
                    return Tables.nameOf(domain).toString();
                }
            }
        }
        return null;
    }

    /** CAST (value AS domain) or value::domain; as the last of a name's parts. */
    private static boolean isCastTo(Domain domain, String sql) {
        List<SqlTokens.Token> tokens = SqlTokens.of(sql);
        for (int i = 1; i < tokens.size(); i++) {
            if (tokens.get(i).text().equals(domain.getName())) {
                int before = tokens.get(i - 1).is(".") ? i - 3 : i - 1;
                boolean isCast = before >= 0
                        && (tokens.get(before).is(":")
                                || (tokens.get(before).is("AS") && tokens.get(i).depth() > 0));
                if (isCast) {
                    return true;
                }
            }
        }
        return false;
    }

    private static Map<String, Object> expressions(MVTable table) {
        Map<String, Object> found = new LinkedHashMap<>();
        for (Column column : table.getColumns()) {
            put(found, "DEFAULT of column " + column.getName(), column.getEffectiveDefaultExpression());
            put(found, "ON UPDATE of column " + column.getName(), column.getEffectiveOnUpdateExpression());
            put(found, "the domain of column " + column.getName(), column.getDomain());
        }
        for (Constraint constraint : table.getConstraints()) {
            if (constraint instanceof ConstraintCheck check) {
                put(found, "CHECK " + check.getName(), check.getExpression());
            }
        }
        return found;
    }

    private static void put(Map<String, Object> found, String what, @Nullable Object computing) {
        if (computing != null) {
            found.put(what, computing);
        }
    }

    /** The tables it reads, through views and domains too. The columns of the row it is computed for are not that. */
    private static List<MVTable> read(Object computing, MVTable own) {
        List<MVTable> read = new ArrayList<>();
        if (computing instanceof ValueExpression) {
            return read;
        }
        for (CompiledParts.Part part : CompiledParts.of(computing)) {
            if (part.what() instanceof MVTable table && isThere(table) && !table.equals(own)) {
                read.add(table);
            } else if (part.what() instanceof Select select
                    && select.getTables().contains(own)) {
                read.add(own);
            }
        }
        return read;
    }
}
