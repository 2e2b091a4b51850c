package io.tunabledb.durability;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Makes up types, values, expressions and queries over what is there: mostly right, sometimes deep, wide, strange or wrong. */
final class RandomExpressions {
    /** A type and some of its values. */
    private record Type(String name, List<String> values) {
        Type(String name, String... values) {
            this(name, List.of(values));
        }
    }

    private static final List<Type> TYPES = List.of(
            new Type("INT", "0", "1", "-7", "2147483647", "1 + 2"),
            new Type("INTEGER", "3", "NULL"),
            new Type("BIGINT", "0", "9223372036854775807", "-9223372036854775808", "5 * 5"),
            new Type("SMALLINT", "1", "-32768"),
            new Type("TINYINT", "1", "127"),
            new Type("NUMERIC(10, 2)", "1.25", "-99999999.99", "0"),
            new Type("DECIMAL(100, 50)", "1e-49", "12345678901234567890.5"),
            new Type("DECFLOAT(20)", "1e300", "DECFLOAT 'NaN'", "DECFLOAT '-Infinity'"),
            new Type("REAL", "1.5", "-0.0", "1e30"),
            new Type("DOUBLE PRECISION", "1e0", "0e0/1e0", "1e308"),
            new Type("FLOAT(10)", "2.5"),
            new Type("BOOLEAN", "TRUE", "FALSE", "UNKNOWN"),
            new Type("CHAR(5)", "'ab'", "'a    '", "''"),
            new Type("VARCHAR(50)", "'x'", "'it''s'", "U&'\\00e4\\+01f600'", "''", "'a' || 'b'", "'--'", "'/* */'"),
            new Type("CHARACTER VARYING(1000000)", "'long'", "REPEAT('x', 500)"),
            new Type("VARCHAR_IGNORECASE(20)", "'aB'", "'AB'"),
            new Type("CLOB", "'clob'", "REPEAT('c', 3000)"),
            new Type("CHARACTER LARGE OBJECT(100)", "'c'"),
            new Type("BINARY(3)", "X'010203'", "X'00'"),
            new Type("VARBINARY(100)", "X'00ff'", "X''"),
            new Type("BLOB(2000)", "X'0102'", "CAST(REPEAT('00', 100) AS BLOB)"),
            new Type("DATE", "DATE '2024-02-29'", "DATE '-0001-01-01'", "DATE '9999-12-31'"),
            new Type("TIME(9)", "TIME '10:11:12.123456789'", "TIME '00:00:00'"),
            new Type("TIME(3) WITH TIME ZONE", "TIME WITH TIME ZONE '10:00:00+05:30'"),
            new Type("TIMESTAMP(9)", "TIMESTAMP '2024-01-01 00:00:00.123456789'"),
            new Type("TIMESTAMP WITH TIME ZONE", "TIMESTAMP WITH TIME ZONE '2024-01-01 00:00:00-11'"),
            new Type("INTERVAL YEAR(4)", "INTERVAL '5' YEAR"),
            new Type("INTERVAL MONTH", "INTERVAL '5' MONTH"),
            new Type("INTERVAL YEAR TO MONTH", "INTERVAL '1-2' YEAR TO MONTH"),
            new Type("INTERVAL DAY TO SECOND(9)", "INTERVAL '1 02:03:04.5' DAY TO SECOND"),
            new Type("INTERVAL HOUR TO MINUTE", "INTERVAL '-1:30' HOUR TO MINUTE"),
            new Type("INTERVAL SECOND(5, 3)", "INTERVAL '1.5' SECOND"),
            new Type("UUID", "UUID '01234567-89ab-cdef-0123-456789abcdef'"),
            new Type("JSON", "JSON '{\"a\":[1,null]}'", "JSON_OBJECT('a': 1)", "JSON_ARRAY(1, 2 NULL ON NULL)"),
            new Type("GEOMETRY", "GEOMETRY 'POINT(1 2)'"),
            new Type("GEOMETRY(POINT, 4326)", "GEOMETRY 'SRID=4326;POINT(1 2)'"),
            new Type("ENUM('a', 'B', 'it''s', '')", "'a'", "'B'", "'it''s'"),
            new Type("INT ARRAY", "ARRAY[1, 2]", "ARRAY[]", "ARRAY[NULL]"),
            new Type("VARCHAR(10) ARRAY[5]", "ARRAY['x', 'y']"),
            new Type("INT ARRAY ARRAY", "ARRAY[ARRAY[1], ARRAY[2, 3]]"),
            new Type("ROW(A INT, \"b c\" VARCHAR(5))", "ROW(1, 'x')"),
            new Type("JAVA_OBJECT(100)", "X'ac'", "NULL"));

    private static final List<String> AGGREGATES = List.of(
            "COUNT(*)",
            "COUNT(DISTINCT ?)",
            "MAX(?)",
            "MIN(?) FILTER (WHERE ? IS NOT NULL)",
            "SUM(LENGTH(CAST(? AS VARCHAR)))",
            "LISTAGG(CAST(? AS VARCHAR), ',') WITHIN GROUP (ORDER BY ? DESC NULLS LAST)",
            "ARRAY_AGG(? ORDER BY ?)",
            "JSON_ARRAYAGG(LENGTH(CAST(? AS VARCHAR)) ABSENT ON NULL)",
            "JSON_OBJECTAGG(KEY 'k' VALUE 1 NULL ON NULL WITHOUT UNIQUE KEYS)",
            "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY LENGTH(CAST(? AS VARCHAR)))",
            "MODE() WITHIN GROUP (ORDER BY ?)",
            "EVERY(? IS NULL)",
            "ANY_VALUE(?)",
            "BIT_XOR_AGG(LENGTH(CAST(? AS VARCHAR)))",
            "ROW_NUMBER() OVER (PARTITION BY ? ORDER BY ?)",
            "LAG(?, 1) OVER (ORDER BY ? NULLS FIRST)",
            "COUNT(*) OVER (ORDER BY ? ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES)",
            "NTILE(2) OVER (ORDER BY ?)",
            "FIRST_VALUE(?) IGNORE NULLS OVER (ORDER BY ?)");

    /** Of a value of any type, a value. */
    private static final List<String> FUNCTIONS = List.of(
            "CAST(? AS VARCHAR)",
            "COALESCE(?, ?)",
            "NULLIF(?, ?)",
            "CASE WHEN ? IS NULL THEN 1 ELSE 2 END",
            "CASE ? WHEN ? THEN 1 END",
            "LENGTH(CAST(? AS VARCHAR)) + 1",
            "UPPER(CAST(? AS VARCHAR)) || '!'",
            "SUBSTRING(CAST(? AS VARCHAR) FROM 1 FOR 3)",
            "TRIM(BOTH ' ' FROM CAST(? AS VARCHAR))",
            "POSITION('a' IN CAST(? AS VARCHAR))",
            "? IS DISTINCT FROM ?",
            "? IS NOT NULL AND NOT (? IS NULL)",
            "CAST(? AS VARCHAR) LIKE 'a\\%%' ESCAPE '\\'",
            "CAST(? AS VARCHAR) REGEXP '^[a-z]+$'",
            "CAST(? AS VARCHAR) BETWEEN 'a' AND 'z'",
            "CAST(? AS VARCHAR) IN ('a', 'b', CAST(? AS VARCHAR))",
            "ARRAY[?, ?]",
            "CARDINALITY(ARRAY[?])",
            "(ARRAY[?])[1]",
            "ROW(?, 1)",
            "EXTRACT(YEAR FROM DATE '2024-01-01')",
            "DATEADD(DAY, 1, DATE '2024-01-01')",
            "GREATEST(LENGTH(CAST(? AS VARCHAR)), 2)",
            "HASH('SHA-256', CAST(? AS VARCHAR), 1)",
            "JSON_OBJECT('k': CAST(? AS VARCHAR))",
            "(? IS NULL) IS TRUE",
            "CONVERT(?, VARCHAR)",
            "TRUNCATE_VALUE(CAST(? AS VARCHAR), 5, TRUE)",
            "CASE WHEN 1 = 1 THEN ? ELSE ? END",
            "ABS(LENGTH(CAST(? AS VARCHAR)) - 5)",
            "1 / (LENGTH(CAST(? AS VARCHAR)) - 5)");

    static final List<String> VARYING = List.of(
            "RANDOM_UUID()",
            "CURRENT_TIMESTAMP",
            "CURRENT_DATE",
            "LOCALTIME(3)",
            "RAND()",
            "CURRENT_USER",
            "SESSION_ID()",
            "CURRENT_SCHEMA",
            "H2VERSION()");

    private final Random random;
    private final int deepest;

    /**
     * @param deepest how many levels the deep ones have at most
     */
    RandomExpressions(Random random, int deepest) {
        this.random = random;
        this.deepest = deepest;
    }

    boolean chance(double part) {
        return random.nextDouble() < part;
    }

    int upTo(int most) {
        return 1 + random.nextInt(most);
    }

    <T> T pick(List<T> some) {
        return some.get(random.nextInt(some.size()));
    }

    String type() {
        return pick(TYPES).name;
    }

    /** A value that suits a type, as H2 names it or as it was written. */
    String value(String type) {
        String start = type.toUpperCase(java.util.Locale.ROOT);
        List<Type> fitting = TYPES.stream()
                .filter(each -> canonical(each.name).equals(canonical(start)))
                .toList();
        if (fitting.isEmpty() || chance(0.02)) {
            return chance(0.5) ? "NULL" : literal();
        }
        return pick(pick(fitting).values);
    }

    private static String canonical(String type) {
        String name = type.replaceAll("\\(.*", "").trim();
        if (name.startsWith("INTERVAL")) {
            return "INTERVAL";
        }
        if (type.endsWith("ARRAY") || type.contains("ARRAY[")) {
            return "ARRAY";
        }
        return switch (name) {
            case "INT" -> "INTEGER";
            case "CHAR" -> "CHARACTER";
            case "VARCHAR" -> "CHARACTER VARYING";
            case "CLOB" -> "CHARACTER LARGE OBJECT";
            case "BLOB" -> "BINARY LARGE OBJECT";
            case "VARBINARY" -> "BINARY VARYING";
            case "DECIMAL" -> "NUMERIC";
            case "FLOAT" -> "REAL";
            default -> type.contains("WITH TIME ZONE") ? name.split(" ", -1)[0] + " TZ" : name;
        };
    }

    String literal() {
        return pick(pick(TYPES).values);
    }

    /** An expression over some columns; over none, a constant one. */
    String any(List<String> columns, int depth) {
        if (depth <= 0 || chance(0.25)) {
            return columns.isEmpty() || chance(0.3) ? literal() : pick(columns);
        }
        if (chance(0.01)) {
            return deep();
        }
        return filled(pick(FUNCTIONS), columns, depth - 1);
    }

    private String filled(String form, List<String> columns, int depth) {
        StringBuilder filled = new StringBuilder();
        for (int i = 0; i < form.length(); i++) {
            if (form.charAt(i) == '?') {
                filled.append(any(columns, depth));
            } else {
                filled.append(form.charAt(i));
            }
        }
        return filled.toString();
    }

    /** Something as deep or as wide as it may be. */
    String deep() {
        int n = upTo(deepest);
        return switch (random.nextInt(8)) {
            case 0 -> "1" + "+1".repeat(n);
            case 1 -> "(".repeat(n / 10) + "1" + ")".repeat(n / 10);
            case 2 -> "ABS(".repeat(n / 10) + "1" + ")".repeat(n / 10);
            case 3 -> "CASE WHEN TRUE" + " AND 1=1 OR 2=2".repeat(n / 4) + " THEN 1 END";
            case 4 -> "CASE WHEN 1 IN (" + "2, ".repeat(n * 2) + "1) THEN 1 END";
            case 5 -> "COALESCE(" + "NULL, ".repeat(n) + "1)";
            case 6 -> "'" + "x".repeat(n * 3) + "'";
            default -> "'a'" + "||'b'".repeat(n);
        };
    }

    String condition(List<String> columns, KnownObjects known, int depth) {
        return switch (random.nextInt(8)) {
            case 0 -> any(columns, 1) + " IS NOT NULL";
            case 1 -> "LENGTH(CAST(" + any(columns, 1) + " AS VARCHAR)) < " + upTo(1000);
            case 2 -> "CAST(" + any(columns, 1) + " AS VARCHAR) <> 'zz'";
            case 3 -> depth <= 0 ? "TRUE" : "EXISTS (" + query(known, depth - 1) + ")";
            case 4 -> depth <= 0 ? "1 = 1" : "CAST(" + any(columns, 1) + " AS VARCHAR) NOT IN (" + one(known) + ")";
            case 5 ->
                "(" + condition(columns, known, depth - 1) + " OR NOT " + condition(columns, known, depth - 1) + ")";
            case 6 -> any(columns, 1) + " IS DISTINCT FROM " + any(columns, 1);
            default -> any(columns, 1) + " = " + any(columns, 1);
        };
    }

    /** A query of one value, as text. */
    String one(KnownObjects known) {
        KnownObjects.Table table = known.readable(random);
        String column = table.columns().isEmpty() ? "1" : pick(table.columns()).name();
        return "SELECT MAX(CAST(" + column + " AS VARCHAR)) FROM " + table.name();
    }

    /** A query of any form, whose columns have names. */
    String query(KnownObjects known, int depth) {
        return switch (depth <= 0 ? 0 : random.nextInt(14)) {
            case 1, 2 -> joined(known, depth);
            case 3 -> "(" + single(known, 2) + ") UNION " + (chance(0.5) ? "ALL " : "") + "(" + single(known, 2) + ")";
            case 4 ->
                "(" + single(known, 1) + ") " + (chance(0.5) ? "EXCEPT" : "INTERSECT") + " (" + single(known, 1)
                        + ") ORDER BY 1 LIMIT 5";
            case 5 ->
                "WITH Q(A) AS (" + one(known) + "), R AS (SELECT A FROM Q) SELECT A, (SELECT COUNT(*) FROM R) AS N"
                        + " FROM R WHERE A IN (SELECT A FROM Q)";
            case 6 ->
                "WITH RECURSIVE C(N) AS (SELECT 1 UNION ALL SELECT N + 1 FROM C WHERE N < " + upTo(9)
                        + ") SELECT N AS X FROM C";
            case 7 -> "SELECT D.* FROM (" + query(known, depth - 1) + ") D";
            case 8 -> grouped(known);
            case 9 -> "VALUES (" + literal() + ", " + literal() + "), (NULL, NULL)";
            case 10 ->
                "SELECT X, C FROM SYSTEM_RANGE(1, " + upTo(5) + ") LEFT JOIN (SELECT (" + one(known)
                        + ") AS C) ON TRUE";
            case 11 -> "SELECT * FROM UNNEST(ARRAY[1, 2], ARRAY['a']) WITH ORDINALITY U(A, B, N)";
            case 12 -> "SELECT TABLE_NAME AS A, COUNT(*) AS N FROM INFORMATION_SCHEMA.TABLES GROUP BY TABLE_NAME";
            case 13 -> "SELECT (" + one(known) + ") AS A, EXISTS(" + query(known, depth - 1) + ") AS B";
            default -> single(known, 4);
        };
    }

    private static List<String> columns(KnownObjects.Table table, String alias) {
        return table.columns().stream()
                .map(column -> alias + "." + column.name())
                .toList();
    }

    private String single(KnownObjects known, int most) {
        KnownObjects.Table table = known.readable(random);
        List<String> columns = columns(table, "S");
        int n = most < 4 ? most : upTo(most);
        String list = IntStream.range(0, n)
                .mapToObj(i -> (most < 4 ? "CAST(" + any(columns, 1) + " AS VARCHAR)" : any(columns, 2)) + " AS C" + i)
                .collect(Collectors.joining(", "));
        if (most >= 4 && chance(0.2)) {
            list = "*";
        }
        String end = chance(0.2) ? " ORDER BY 1 NULLS LAST OFFSET 0 ROWS FETCH FIRST 7 ROWS WITH TIES" : "";
        return "SELECT " + (chance(0.15) ? "DISTINCT " : "") + list + " FROM " + table.name() + " S"
                + (chance(0.5) ? " WHERE " + condition(columns, known, 1) : "") + end;
    }

    private String joined(KnownObjects known, int depth) {
        int n = chance(0.02) ? 25 : 1 + upTo(3);
        List<String> columns = new ArrayList<>();
        StringBuilder from = new StringBuilder();
        for (int i = 0; i < n; i++) {
            KnownObjects.Table table = known.readable(random);
            columns.addAll(columns(table, "J" + i));
            String join = pick(List.of(" JOIN ", " LEFT JOIN ", " RIGHT JOIN ", " CROSS JOIN "));
            from.append(i == 0 ? "" : join).append(table.name()).append(" J").append(i);
            if (i > 0 && !join.contains("CROSS")) {
                from.append(" ON ").append(n > 4 ? "1 = 0" : condition(columns, known, depth - 1));
            }
        }
        return "SELECT " + any(columns, 2) + " AS A, " + any(columns, 1) + " AS B FROM " + from + " WHERE "
                + condition(columns, known, depth - 1);
    }

    private String grouped(KnownObjects known) {
        KnownObjects.Table table = known.readable(random);
        List<String> columns = columns(table, "G");
        String form = pick(AGGREGATES);
        String of = columns.isEmpty() ? "1" : pick(columns);
        String value = form.replace("?", of);
        return form.contains("OVER")
                ? "SELECT " + value + " AS A FROM " + table.name() + " G QUALIFY " + value + " IS NOT NULL"
                : "SELECT " + value + " AS A, COUNT(*) AS N FROM " + table.name() + " G GROUP BY "
                        + (chance(0.5) ? of : "CAST(" + of + " AS VARCHAR)") + " HAVING COUNT(*) > 0";
    }
}
