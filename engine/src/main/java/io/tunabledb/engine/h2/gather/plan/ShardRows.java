package io.tunabledb.engine.h2.gather.plan;

import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sql.TableName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.h2.command.query.Select;
import org.h2.engine.DbObject;
import org.h2.expression.Expression;
import org.h2.expression.ExpressionVisitor;
import org.h2.mvstore.db.MVTable;
import org.h2.table.TableFilter;
import org.h2.util.HasSQL;
import org.jspecify.annotations.Nullable;

/** The rows that a split query is over, as each shard has its own of them. */
sealed interface ShardRows {

    /** Whether a shard can compute an expression over its rows, and it comes to what it would anywhere. */
    boolean computes(Expression expression);

    /** FROM and WHERE, in H2's own writing. */
    String from();

    /** A query over them that a shard can run; null if it can't be written so. */
    GatherPlan.@Nullable Text text(String sql);

    /** The table whose shards are asked. */
    TableName table();

    /** Those of one table. */
    record OfTable(FilterUses.Use use, FilterUses places) implements ShardRows {
        @Override
        public boolean computes(Expression expression) {
            return places.concernsOnly(use.filter(), expression);
        }

        @Override
        public String from() {
            StringBuilder sql = new StringBuilder(" FROM ").append(use.table().getSQL(HasSQL.DEFAULT_SQL_FLAGS));
            String glue = " WHERE ";
            for (Expression condition : use.conditions()) {
                sql.append(glue)
                        .append('(')
                        .append(condition.getSQL(HasSQL.DEFAULT_SQL_FLAGS, Expression.WITHOUT_PARENTHESES))
                        .append(')');
                glue = " AND ";
            }
            return sql.toString();
        }

        @Override
        public GatherPlan.@Nullable Text text(String sql) {
            return FragmentText.unqualified(sql, use.filter(), use.table());
        }

        @Override
        public TableName table() {
            return Tables.nameOf(use.table());
        }
    }

    /**
     * Those of tables joined where equal shard keys bring them together: each row of the join is in one shard, with all it is
     * made of. That holds if each has a row of the first sharded table, which no outer join may leave out.
     *
     * @param table the first sharded table
     * @param tables all of the join
     */
    record OfJoin(Select select, TableName table, Set<MVTable> tables) implements ShardRows {

        /** Null if some rows may be in no shard, or in several. */
        static @Nullable OfJoin of(Select select, FilterUses places, Set<String> together) {
            Set<MVTable> tables = new HashSet<>();
            List<TableFilter> sharded = new ArrayList<>();
            for (TableFilter filter : places.filters()) {
                if (!(filter.getTable() instanceof MVTable table)) {
                    return null;
                }
                tables.add(table);
                if (together.contains(Tables.nameOf(table).toString())) {
                    sharded.add(filter);
                }
            }
            TableFilter first = sharded.stream()
                    .min(Comparator.comparingInt(TableFilter::getOrderInFrom))
                    .orElse(null);
            if (first == null || first.isJoinOuter() || first.isJoinOuterIndirect()) {
                return null;
            }
            OfJoin join = new OfJoin(select, Tables.nameOf(first.getTable()), tables);
            return join.computesConditions(places) ? join : null;
        }

        private boolean computesConditions(FilterUses places) {
            Expression where = select.getCondition();
            return (where == null || computes(where))
                    && places.filters().stream()
                            .map(TableFilter::getJoinCondition)
                            .allMatch(on -> on == null || computes(on));
        }

        @Override
        public boolean computes(Expression expression) {
            HashSet<DbObject> needed = new HashSet<>();
            expression.isEverything(ExpressionVisitor.getDependenciesVisitor(needed));
            needed.removeAll(tables);
            return needed.isEmpty()
                    && !FilterUses.hasSubquery(expression)
                    && expression.isEverything(ExpressionVisitor.DETERMINISTIC_VISITOR);
        }

        @Override
        public String from() {
            StringBuilder sql = new StringBuilder(" FROM ");
            boolean isJoined = false;
            for (TableFilter filter = select.getTopTableFilter(); filter != null; filter = filter.getJoin()) {
                filter.getPlanSQL(sql.append(isJoined ? "\n" : ""), isJoined, HasSQL.DEFAULT_SQL_FLAGS);
                isJoined = true;
            }
            Expression where = select.getCondition();
            if (where != null) {
                sql.append(" WHERE ").append(where.getSQL(HasSQL.DEFAULT_SQL_FLAGS, Expression.WITHOUT_PARENTHESES));
            }
            return sql.toString();
        }

        @Override
        public GatherPlan.Text text(String sql) {
            return NumberedText.of(sql);
        }
    }
}
