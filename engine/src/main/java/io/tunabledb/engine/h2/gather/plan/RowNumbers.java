package io.tunabledb.engine.h2.gather.plan;

import io.tunabledb.engine.h2.sql.SqlTokens;
import java.util.List;
import org.h2.command.query.Select;
import org.h2.expression.Expression;
import org.h2.expression.Rownum;

/** ROWNUM: how many rows a query, or a change, has come to. */
final class RowNumbers {
    private static final String NAME = "ROWNUM";

    private RowNumbers() {}

    /** Whether a query numbers its rows, or picks them by their numbers; rather yes than no. */
    static boolean areIn(Select select) {
        Expression condition = select.getCondition();
        return (condition != null && isIn(condition))
                || select.getExpressions().stream().anyMatch(RowNumbers::isIn);
    }

    private static boolean isIn(Expression expression) {
        if (expression instanceof Rownum) {
            return true;
        }
        for (int i = 0; i < expression.getSubexpressionCount(); i++) {
            if (isIn(expression.getSubexpression(i))) {
                return true;
            }
        }
        return false;
    }

    /**
     * An expression of a row of VALUES as it is without the rows before it.
     *
     * @param sql as H2 writes it
     * @param number which row it is, from 1; queries inside number rows of their own
     */
    static String replaced(String sql, int number) {
        List<SqlTokens.Token> tokens = SqlTokens.of(sql);
        StringBuilder replaced = new StringBuilder();
        int query = Integer.MAX_VALUE;
        int from = 0;
        for (int i = 0; i < tokens.size(); i++) {
            SqlTokens.Token token = tokens.get(i);
            if (token.depth() < query) {
                query = token.is("SELECT") || token.is("TABLE") || token.is("VALUES")
                        ? token.depth()
                        : Integer.MAX_VALUE;
            }
            boolean isNumber = query == Integer.MAX_VALUE && token.is(NAME);
            if (isNumber && i + 2 < tokens.size() && tokens.get(i + 1).is("(")) {
                replaced.append(sql, from, token.start())
                        .append("CAST(")
                        .append(number)
                        .append(" AS BIGINT)");
                from = tokens.get(i + 2).start() + 1;
            }
        }
        return replaced.append(sql.substring(from)).toString();
    }
}
