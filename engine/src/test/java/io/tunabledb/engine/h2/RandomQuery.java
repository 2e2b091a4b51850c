package io.tunabledb.engine.h2;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Makes up queries over tables A, B and C of {@link io.tunabledb.engine.h2.gather.GatheringPropertyTest}. */
public final class RandomQuery {
    private static final String COLUMNS = "ID, I, N, S, D, R, L, E, T";
    private final List<String> tables = new ArrayList<>(List.of("A", "B", "C", "V"));
    private final Random random;
    /** Whether values stand in the text, as in a view. */
    private boolean isLiteral;

    public final List<Object> parameters = new ArrayList<>();
    /** The queries of the WITH clause around, each with the columns of a table. */
    private final List<String> named = new ArrayList<>();

    private int aliases;
    /** Whether the rows come in one order only. */
    public boolean isOrdered;

    /** @param views with the columns of a table, beside the tables */
    public RandomQuery(Random random, List<String> views) {
        this.random = random;
        tables.addAll(views);
    }

    /** A query with the columns of a table, and without parameters, for a view. */
    public String view() {
        isLiteral = true;
        String alias = alias();
        return switch (random.nextInt(9)) {
            case 0 ->
                "SELECT " + COLUMNS + " FROM (SELECT " + alias + ".*, RANK() OVER (PARTITION BY " + alias
                        + ".I ORDER BY " + alias + ".L) W FROM " + source(1) + " " + alias + ") Y WHERE W <= 2";
            case 1 ->
                "SELECT ID, MIN(I) I, MAX(N) N, MIN(S) S, MAX(D) D, MAX(R) R, MAX(L) L, MIN(E) E, MAX(T) T FROM "
                        + source(1) + " " + alias + where(List.of(alias)) + " GROUP BY ID";
            case 2 -> with() + rows(1);
            case 3 ->
                "SELECT " + alias + ".* FROM " + source(1) + " " + alias + " JOIN (VALUES (1), (4), (7)) X(K) ON X.K = "
                        + number(alias);
            case 4 -> rows(1) + pick(" UNION ALL ", " UNION ", " EXCEPT ", " INTERSECT ") + rows(1);
            case 5 ->
                "SELECT \"k\" ID, \"an I\" I, N, S, D, R, L, E, T FROM (SELECT ID \"k\", I \"an I\", N, S, D, R, L, E, T FROM "
                        + source(1) + ") " + alias + " WHERE \"an I\" > " + random.nextInt(6);
            case 6 -> "SELECT " + alias + ".* FROM " + source(1) + " " + alias + " WHERE EXISTS " + correlated(alias);
            default -> rows(2);
        };
    }

    public String next() {
        return random.nextInt(6) == 0 ? with() + body() : body();
    }

    private String body() {
        return switch (random.nextInt(14)) {
            case 13 -> numbered();
            case 0 -> recursive();
            case 1, 2 -> setOperations(2);
            case 3, 4 -> grouped();
            case 5 -> windowed();
            case 6, 7 -> page();
            case 8 -> derived();
            case 9 -> distinct();
            case 10 -> select(3);
            default -> select(1 + random.nextInt(3));
        };
    }

    private String pick(String... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private String table() {
        int i = random.nextInt(tables.size() + named.size());
        return i < tables.size() ? tables.get(i) : named.get(i - tables.size());
    }

    /** A table, or a query in its place with the columns of one. */
    private String source(int depth) {
        if (depth == 0 || random.nextInt(3) > 0) {
            return table();
        }
        String alias = alias();
        return switch (random.nextInt(7)) {
            case 0 -> "(TABLE " + pick("A", "B", "C") + ")";
            case 1 -> "(" + rows(depth - 1) + pick(" UNION ALL ", " UNION ", " EXCEPT ") + rows(depth - 1) + ")";
            case 2 -> "(SELECT DISTINCT * FROM " + source(depth - 1) + " " + alias + where(List.of(alias)) + ")";
            case 3 ->
                "(SELECT " + alias + ".* FROM " + source(depth - 1) + " " + alias + " JOIN " + source(depth - 1)
                        + " Z ON Z.ID = " + number(alias) + ")";
            case 4 ->
                "(SELECT * FROM " + pick("A", "B", "C") + " " + alias + where(List.of(alias)) + " ORDER BY " + alias
                        + ".ID, " + alias + ".L LIMIT " + some(9) + ")";
            default -> "(" + rows(depth - 1) + ")";
        };
    }

    private String rows(int depth) {
        String alias = alias();
        return "SELECT * FROM " + source(depth) + " " + alias + where(List.of(alias));
    }

    private String setOperations(int depth) {
        if (depth == 0 || random.nextInt(3) == 0) {
            return select(1);
        }
        return "(" + setOperations(depth - 1) + pick(" UNION ALL ", " UNION ", " EXCEPT ", " INTERSECT ")
                + setOperations(depth - 1) + ")";
    }

    private String alias() {
        return "t" + ++aliases;
    }

    private String column(String alias) {
        return alias + "." + pick("ID", "I", "N", "S", "D");
    }

    private String number(String alias) {
        return switch (random.nextInt(5)) {
            case 0 -> alias + ".ID";
            case 1 -> alias + ".N";
            case 2 -> "(" + alias + ".I + " + random.nextInt(5) + ")";
            case 3 -> "ABS(" + alias + ".I)";
            default -> alias + ".I";
        };
    }

    private String parameter(Object value) {
        if (isLiteral) {
            return value instanceof String ? "'" + value + "'" : value.toString();
        }
        parameters.add(value);
        return "?";
    }

    private String some(int bound) {
        int value = random.nextInt(bound);
        return random.nextBoolean() ? parameter(value) : String.valueOf(value);
    }

    private String predicate(String alias, int depth) {
        if (depth > 0 && random.nextInt(3) == 0) {
            return switch (random.nextInt(3)) {
                case 0 -> "(" + predicate(alias, depth - 1) + " OR " + predicate(alias, depth - 1) + ")";
                case 1 -> "NOT (" + predicate(alias, depth - 1) + ")";
                default -> predicate(alias, depth - 1) + " AND " + predicate(alias, depth - 1);
            };
        }
        return switch (random.nextInt(13)) {
            case 0 -> number(alias) + pick(" = ", " < ", " >= ", " <> ") + some(12);
            case 1 -> alias + "." + pick("I", "N", "S", "D") + pick(" IS NULL", " IS NOT NULL");
            case 2 -> alias + ".S LIKE " + parameter(pick("s1%", "%2", "s_"));
            case 3 -> number(alias) + " BETWEEN " + some(6) + " AND " + some(20);
            case 4 -> number(alias) + " IN (" + some(9) + ", " + some(9) + ", " + some(30) + ")";
            case 5 -> number(alias) + pick(" IN ", " NOT IN ") + "(SELECT " + inner() + ")";
            case 6 -> pick("EXISTS ", "NOT EXISTS ") + correlated(alias);
            case 7 -> alias + ".D" + pick(" > ", " <= ") + "DATE '2024-01-0" + (1 + random.nextInt(9)) + "'";
            case 8 -> number(alias) + " > (SELECT " + pick("MIN(I)", "MAX(I)", "COUNT(*)") + " FROM " + table() + ")";
            case 9 -> number(alias) + " >= ALL(SELECT " + inner() + ")";
            case 10 -> "COALESCE(" + alias + ".S, 'none') " + pick("=", "<>") + " 's" + random.nextInt(6) + "'";
            case 11 -> number(alias) + " = " + number(alias);
            default -> alias + ".E" + pick(" = 'red'", " <> 'green'", " > 'red'");
        };
    }

    private String inner() {
        String alias = alias();
        return number(alias) + " FROM " + source(1) + " " + alias + " WHERE " + predicate(alias, 0);
    }

    private String correlated(String outer) {
        String alias = alias();
        return "(SELECT 1 FROM " + table() + " " + alias + " WHERE " + number(alias) + " = " + number(outer) + " AND "
                + predicate(alias, 0) + ")";
    }

    private String where(List<String> from) {
        if (random.nextInt(4) == 0) {
            return "";
        }
        return " WHERE "
                + IntStream.rangeClosed(0, random.nextInt(3))
                        .mapToObj(i -> predicate(from.get(random.nextInt(from.size())), 2))
                        .collect(Collectors.joining(" AND "));
    }

    private record From(String text, List<String> names) {}

    private From from(int tables) {
        String first = alias();
        List<String> names = new ArrayList<>(List.of(first));
        StringBuilder text = new StringBuilder(" FROM " + source(2) + " " + first);
        for (int i = 1; i < tables; i++) {
            String next = alias();
            String source = source(2); // made first, since its parameters come first
            String on = number(next) + " = " + number(names.get(random.nextInt(names.size())));
            String more = random.nextBoolean() ? " AND " + predicate(random.nextBoolean() ? next : first, 0) : "";
            switch (random.nextInt(5)) {
                case 0 -> {
                    names.add(next); // what comes after a comma can't be joined with what came before it
                    return new From(text + ", " + source + " " + next, names);
                }
                case 1 -> text.append(" LEFT JOIN " + source + " " + next + " ON " + on + more);
                case 2 -> text.append(" RIGHT JOIN " + source + " " + next + " ON " + on + more);
                case 3 -> {
                    String inside = alias();
                    text.append(" LEFT JOIN (" + source + " " + next + " JOIN " + table() + " " + inside + " ON "
                            + number(inside) + " = " + number(next) + ") ON " + on + more);
                }
                default -> text.append(" JOIN " + source + " " + next + " ON " + on + more);
            }
            names.add(next);
        }
        return new From(text.toString(), names);
    }

    private String select(int tables) {
        From from = from(tables);
        String columns = from.names.get(0) + ".ID, " + column(from.names.get(from.names.size() - 1)) + " X, "
                + number(from.names.get(0)) + " Y";
        String select = "SELECT " + columns + from.text + where(from.names);
        return random.nextInt(6) == 0 ? "SELECT * FROM (" + select + ") Q" : select;
    }

    private String grouped() {
        From from = from(1 + random.nextInt(2));
        String alias = from.names.get(from.names.size() - 1);
        String key = pick(alias + ".S", alias + ".I", alias + ".D", alias + ".E", "MOD(" + alias + ".ID, 3)");
        String aggregates = IntStream.rangeClosed(0, random.nextInt(4))
                .mapToObj(i -> aggregate(alias))
                .collect(Collectors.joining(", "));
        String where = where(from.names);
        return switch (random.nextInt(4)) {
            case 0 -> "SELECT " + aggregates + from.text + where;
            case 1 ->
                "SELECT " + key + " K, " + aggregates + from.text + where + " GROUP BY " + key + " HAVING "
                        + aggregate(alias).replaceFirst(" FILTER.*", "") + " IS NOT NULL";
            default ->
                "SELECT " + key + " K, " + aggregates + from.text + where + " GROUP BY " + key
                        + (random.nextBoolean() ? " ORDER BY 1" : "");
        };
    }

    private String aggregate(String alias) {
        String filter = random.nextInt(6) == 0 ? " FILTER (WHERE " + alias + ".I > 3)" : "";
        String column = alias + "." + pick("ID", "I", "N", "R", "L");
        return switch (random.nextInt(10)) {
            case 0 -> "COUNT(*)" + filter;
            case 1 -> "COUNT(" + column + ")" + filter;
            case 2 -> "SUM(" + column + ")" + filter;
            case 3 -> "AVG(" + column + ")" + filter;
            case 4 -> "MIN(" + column(alias) + ")" + filter;
            case 5 -> "MAX(" + column(alias) + ")" + filter;
            case 6 -> "COUNT(DISTINCT " + column + ")";
            case 7 -> "SUM(" + column + ") + COUNT(*)";
            case 8 -> "MAX(" + column + ") - MIN(" + column + ")";
            default -> "ARRAY_AGG(" + alias + ".ID ORDER BY " + alias + ".ID)";
        };
    }

    private String windowed() {
        String alias = alias();
        return "SELECT " + alias + ".ID, ROW_NUMBER() OVER (PARTITION BY " + alias + "." + pick("I", "S", "D")
                + " ORDER BY " + alias + ".L) W, SUM(" + alias + "." + pick("I", "N") + ") OVER (ORDER BY " + alias
                + ".ID) U FROM " + pick("A", "B", "C") + " " + alias + where(List.of(alias));
    }

    /** How many rows are numbered is the same whichever they are. */
    private String numbered() {
        From from = from(1 + random.nextInt(2));
        String where = where(from.names);
        return switch (random.nextInt(3)) {
            case 0 ->
                "SELECT COUNT(*) C" + from.text + where + (where.isEmpty() ? " WHERE " : " AND ") + "ROWNUM() <= "
                        + some(9);
            case 1 -> "SELECT COUNT(*) C, MAX(ROWNUM()) M" + from.text + where;
            default ->
                "SELECT COUNT(*) C, MIN(Q) M, MAX(Q) X FROM (SELECT ROWNUM() Q, " + from.names.get(0) + ".ID"
                        + from.text + where + ") Y";
        };
    }

    private String page() {
        isOrdered = true;
        String alias = alias();
        String where = where(List.of(alias));
        String order = " ORDER BY " + column(alias) + pick("", " DESC", " NULLS LAST", " DESC NULLS FIRST") + ", "
                + alias + ".ID, " + alias + ".L";
        String limit = random.nextBoolean()
                ? " LIMIT " + some(15) + " OFFSET " + some(5)
                : " OFFSET " + some(4) + " ROWS FETCH FIRST " + some(9) + " ROWS ONLY";
        return "SELECT " + alias + ".ID, " + column(alias) + " X, " + alias + ".L FROM " + pick("A", "B", "C") + " "
                + alias + where + order + limit;
    }

    private String derived() {
        String alias = alias();
        return "SELECT " + alias + ".X, COUNT(*) C FROM (" + select(2) + ") " + alias + " WHERE " + alias + ".ID > "
                + some(5) + " GROUP BY " + alias + ".X";
    }

    private String distinct() {
        String alias = alias();
        return "SELECT DISTINCT " + column(alias) + " X, " + column(alias) + " Y FROM " + table() + " " + alias
                + where(List.of(alias));
    }

    private String with() {
        List<String> queries = new ArrayList<>();
        for (int i = 0; i <= random.nextInt(3); i++) {
            String query = rows(1);
            named.add("W" + i);
            queries.add("W" + i + " AS (" + query + ")");
        }
        return "WITH " + String.join(", ", queries) + " ";
    }

    private String recursive() {
        if (!named.isEmpty()) {
            return select(2); // one WITH to a query
        }
        String alias = alias();
        return "WITH RECURSIVE R(N, K) AS (SELECT 1, 0 UNION ALL SELECT N + 1, " + alias + ".ID FROM R JOIN A " + alias
                + " ON " + alias + ".ID = N WHERE N < " + (3 + random.nextInt(9))
                + ") SELECT N, K, S FROM R LEFT JOIN B ON B.ID = K";
    }
}
