package io.tunabledb.engine.h2;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Random statements over T, U, V (sharded by K), R (a reference table) and S (unsharded), each with columns K and X. Their
 * parameters are numbered.
 */
final class RoutedStatements {
    private static final List<String> TABLES = List.of("T", "T", "U", "U", "V", "R", "S");

    private final Random random;
    private final List<Object> parameters = new ArrayList<>();
    private int aliases;

    RoutedStatements(Random random) {
        this.random = random;
    }

    List<Object> parameters() {
        return List.copyOf(parameters);
    }

    private String pick(String... from) {
        return from[random.nextInt(from.length)];
    }

    /** A query; its columns are numbers. */
    String query() {
        parameters.clear();
        aliases = 0;
        return switch (random.nextInt(6)) {
            case 0 -> select(2) + pick(" UNION ALL ", " UNION ", " EXCEPT ") + select(1);
            case 1 ->
                "WITH Q AS (" + select(1).replaceFirst("SELECT ", "SELECT /* Q */ ") + ") SELECT COUNT(*), 0 FROM Q, "
                        + pick("Q Q2", "T Q2 WHERE Q2.K = " + value());
            default -> select(2);
        };
    }

    /** An UPDATE or DELETE. */
    String change() {
        parameters.clear();
        aliases = 0;
        String table = pick("T", "T", "U", "V");
        String alias = random.nextBoolean() ? table : "A0";
        String target = alias.equals(table) ? table : table + " " + alias;
        String where = random.nextInt(5) == 0 ? "" : " WHERE " + condition(List.of(alias), true, 2);
        return switch (random.nextInt(4)) {
            case 0 -> "DELETE FROM " + target + where;
            case 1 -> "UPDATE " + target + " SET X = X + 1, K = " + value() + where;
            case 2 -> "UPDATE " + target + " SET X = (" + scalar(List.of(alias)) + ")" + where;
            default -> "UPDATE " + target + " SET X = X + 1" + where;
        };
    }

    /** An INSERT of rows with new keys, of which {@code free} is the first. */
    String insert(int free) {
        parameters.clear();
        int rows = 1 + random.nextInt(4);
        boolean columns = random.nextBoolean();
        boolean swapped = columns && random.nextBoolean();
        String values = IntStream.range(0, rows)
                .mapToObj(i -> {
                    String key = switch (random.nextInt(3)) {
                        case 0 -> parameter(free + i);
                        case 1 -> "'" + (free + i) + "'";
                        default -> String.valueOf(free + i);
                    };
                    String other = pick("(1)", "'2'", "ABS(-3)", "NULL");
                    return pick("", "ROW")
                            + (swapped ? "(" + other + ", " + key + ")" : "(" + key + ", " + other + ")");
                })
                .collect(Collectors.joining(pick(",", " , ", " /* , */ ,\n")));
        return "INSERT INTO T" + (columns ? swapped ? "(X, K)" : "(K, X)" : "") + " VALUES " + values;
    }

    private String parameter(Object value) {
        parameters.add(value);
        // those of an INSERT are in order, so that its rows can be told apart
        return "?";
    }

    private String select(int depth) {
        int sources = 1 + random.nextInt(3);
        List<String> names = new ArrayList<>();
        String from = source(names, depth);
        for (int i = 1; i < sources; i++) {
            List<String> right = new ArrayList<>();
            String source = source(right, depth);
            if (random.nextInt(5) == 0 && right.size() == 1) {
                List<String> more = new ArrayList<>();
                source = "(" + source + " JOIN " + source(more, depth) + " ON " + right.get(0) + ".K = " + more.get(0)
                        + ".K)";
                right.addAll(more);
            }
            List<String> both = new ArrayList<>(names);
            both.addAll(right);
            from = switch (random.nextInt(6)) {
                case 0 -> from + ", " + source;
                case 1 -> from + " CROSS JOIN " + source;
                case 2 -> from + " LEFT JOIN " + source + " ON " + condition(both, false, depth - 1);
                case 3 -> from + " RIGHT JOIN " + source + " ON " + condition(both, false, depth - 1);
                case 4 ->
                    names.size() == 1 && right.size() == 1
                            ? from + pick(" JOIN ", " LEFT JOIN ", " RIGHT JOIN ") + source + " USING (K)"
                            : from + " JOIN " + source + " ON " + condition(both, false, depth - 1);
                default -> from + " JOIN " + source + " ON " + condition(both, false, depth - 1);
            };
            names = both;
        }
        String where = random.nextInt(6) == 0 ? "" : " WHERE " + condition(names, names.size() == 1, depth);
        String first = names.get(0);
        return switch (random.nextInt(4)) {
            case 0 -> "SELECT " + first + ".K, COUNT(*) FROM " + from + where + " GROUP BY " + first + ".K";
            case 1 -> "SELECT COUNT(*), SUM(" + first + ".X) FROM " + from + where;
            case 2 ->
                depth > 0
                        ? "SELECT " + first + ".K, (" + scalar(names) + ") FROM " + from + where
                        : "SELECT " + first + ".K, 1 FROM " + from + where;
            default -> "SELECT " + first + ".K, " + first + ".X FROM " + from + where;
        };
    }

    private String source(List<String> names, int depth) {
        String table = TABLES.get(random.nextInt(TABLES.size()));
        String alias = "A" + ++aliases;
        names.add(alias);
        if (depth > 0 && random.nextInt(8) == 0) {
            return "(SELECT * FROM " + table + " WHERE " + condition(List.of(table), true, 0) + ") " + alias;
        }
        return table + pick(" ", " AS ") + alias;
    }

    private String scalar(List<String> outer) {
        String table = TABLES.get(random.nextInt(TABLES.size()));
        String alias = random.nextInt(4) == 0 ? outer.get(0) : "B" + ++aliases;
        List<String> both = new ArrayList<>(outer);
        both.remove(alias);
        both.add(alias);
        return "SELECT " + pick("MAX", "COUNT") + "(" + alias + ".X) FROM " + table + " " + alias + " WHERE "
                + condition(both, false, 0);
    }

    private String condition(List<String> names, boolean isSingle, int depth) {
        return switch (random.nextInt(depth > 0 ? 16 : 12)) {
            case 0, 1, 2 -> column("K", names, isSingle) + " = " + value();
            case 3 -> value() + " = " + column(pick("K", "X"), names, isSingle);
            case 4 -> column("K", names, isSingle) + " IN (" + value() + ", " + value() + ")";
            case 5 ->
                "(" + column("K", names, isSingle) + ", " + column("X", names, isSingle) + ")"
                        + pick(
                                " = (" + value() + ", " + value() + ")",
                                " IN ((" + value() + ", " + value() + "), (" + value() + ", " + value() + "))");
            case 6, 7, 8 -> column("K", names, isSingle) + " = " + column("K", names, isSingle);
            case 9 -> column("K", names, isSingle) + pick(" <> ", " > ", " IS NOT DISTINCT FROM ") + value();
            case 10 -> column("X", names, isSingle) + " = " + column("K", names, isSingle);
            case 11 ->
                column("K", names, isSingle) + " BETWEEN " + value() + " AND " + value() + " AND "
                        + column("K", names, isSingle) + " = " + value();
            case 12 -> condition(names, isSingle, depth - 1) + " AND " + condition(names, isSingle, depth - 1);
            case 13 ->
                "(" + condition(names, isSingle, depth - 1) + " OR " + condition(names, isSingle, depth - 1) + ")";
            case 14 ->
                pick("NOT (", "(", "CASE WHEN ").equals("NOT (")
                        ? "NOT (" + condition(names, isSingle, depth - 1) + ")"
                        : "CASE WHEN " + condition(names, isSingle, depth - 1) + " THEN TRUE ELSE FALSE END";
            default ->
                pick("", "NOT ") + "EXISTS (" + scalar(names).replaceFirst("SELECT \\S+ FROM", "SELECT 1 FROM") + ")";
        };
    }

    private String column(String name, List<String> names, boolean isSingle) {
        return isSingle && random.nextBoolean() ? name : names.get(random.nextInt(names.size())) + "." + name;
    }

    private String value() {
        int value = random.nextInt(12);
        return switch (random.nextInt(5)) {
            case 0 -> "'" + value + "'";
            case 1 -> value + ".0";
            case 2 -> {
                parameters.add(random.nextBoolean() ? (Object) value : String.valueOf(value));
                yield "?" + parameters.size();
            }
            default -> String.valueOf(value);
        };
    }
}
