package io.tunabledb.hibernate;

import java.util.Locale;

/** Hints at the start of SQL. At most one is there: the more particular asker's. */
final class HintComment {
    private static final String QUERY = "/*+ ";
    /** The word before tells it from a query's; the database reads past it. */
    private static final String ENTITY = "/*+ ENTITY ";

    private static final String END = " */ ";

    private HintComment() {}

    static String ofEntity(String ladder, String sql) {
        return ENTITY + "CONSISTENCY(" + ladder + ")" + END + sql;
    }

    static String ofQuery(String hint, String sql) {
        return QUERY + hint + END + sql;
    }

    /** A query's own hint stays. */
    static String ofSession(String ladder, String sql) {
        return sql.startsWith(QUERY) && !sql.startsWith(ENTITY)
                ? sql
                : QUERY + "CONSISTENCY(" + ladder + ")" + END + withoutEntity(sql);
    }

    static boolean isRead(String sql) {
        String plain = withoutComments(sql).toLowerCase(Locale.ROOT);
        return plain.startsWith("select") || plain.startsWith("with") || plain.startsWith("(");
    }

    /** From its first word on. */
    private static String withoutComments(String sql) {
        String plain = sql.stripLeading();
        while (plain.startsWith("/*") && plain.contains("*/")) {
            plain = plain.substring(plain.indexOf("*/") + 2).stripLeading();
        }
        return plain;
    }

    static String withoutEntity(String sql) {
        return sql.startsWith(ENTITY) ? sql.substring(sql.indexOf(END) + END.length()) : sql;
    }
}
