package io.tunabledb.durability;

import io.tunabledb.durability.KnownObjects.Column;
import io.tunabledb.durability.KnownObjects.Part;
import io.tunabledb.durability.KnownObjects.Table;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Makes up definitions of every form that H2's grammar has, and changes of rows, over the objects there are: many are
 * right, many are not.
 */
final class RandomDefinitions {
    private static final List<String> NAMES = List.of(
            "T1",
            "T2",
            "T3",
            "T4",
            "T5",
            "T6",
            "A",
            "B",
            "\"a b\"",
            "\"Ü\"",
            "\"select\"",
            "\"x\"\"y\"",
            "\"VALUE\"",
            "\"a.b\"",
            "\"it's\"",
            "\"--\"",
            "\"/*\"",
            "\"$$\"",
            "\"a;b\"",
            "\"lower\"",
            "\"?\"",
            "\"{x}\"",
            "\":1\"",
            "\"line\nbreak\"",
            "\"\uD83D\uDE00\"",
            "\" \"",
            "\"USER\"",
            "\"TABLE\"",
            "\"DUAL\"",
            "CONSISTENCY",
            "SHARD",
            "\"\\\"",
            "\"%\"",
            "\"" + "n".repeat(250) + "\"",
            "\"PRIMARY\"",
            "\"C0\"",
            "\"TUNABLE\"",
            "\"ID\"");

    private final Random random;
    private final RandomExpressions some;
    private final boolean sharded;
    private KnownObjects known = new KnownObjects();
    private int count;

    RandomDefinitions(Random random, int deepest, boolean sharded) {
        this.random = random;
        this.some = new RandomExpressions(random, deepest);
        this.sharded = sharded;
    }

    void know(KnownObjects objects) {
        known = objects;
    }

    /** What goes between schema changes: rows. */
    String change() {
        Table table = table();
        List<Column> columns =
                table.columns().stream().filter(column -> !column.generated()).toList();
        String names = columns.stream().map(Column::name).collect(Collectors.joining(", "));
        String level = some.chance(0.1) ? " WITH CONSISTENCY EVENTUAL" : "";
        return switch (random.nextInt(columns.isEmpty() ? 1 : 8)) {
            case 0 -> "INSERT INTO " + table.name() + " DEFAULT VALUES";
            case 1 -> "DELETE FROM " + table.name() + " WHERE _ROWID_ < " + some.upTo(5) + level;
            case 2 -> {
                Column column = some.pick(columns);
                yield "UPDATE " + table.name() + " SET " + column.name() + " = " + some.value(column.type())
                        + (some.chance(0.5) ? " WHERE _ROWID_ = " + some.upTo(9) : "") + level;
            }
            case 3 ->
                "INSERT INTO " + table.name() + " SELECT * FROM "
                        + some.pick(known.tables).name() + level;
            default ->
                "INSERT INTO " + table.name() + "(" + names + ") VALUES "
                        + IntStream.range(0, some.upTo(3))
                                .mapToObj(row -> columns.stream()
                                        .map(column -> some.chance(0.1) ? "DEFAULT" : value(column))
                                        .collect(Collectors.joining(", ", "(", ")")))
                                .collect(Collectors.joining(", "))
                        + level;
        };
    }

    private String value(Column column) {
        // what is a key is not always the same
        return column.type().contains("INT") && some.chance(0.7)
                ? String.valueOf(random.nextInt(1_000))
                : some.value(column.type());
    }

    /** A definition. */
    String definition() {
        count++;
        boolean many = known.tables.size() > 25 || known.views.size() > 30;
        int kind = random.nextInt(many ? 130 : 100);
        if (kind < 12) {
            return createTable();
        } else if (kind < 40) {
            return alterTable();
        } else if (kind < 48) {
            return index();
        } else if (kind < 62) {
            return view();
        } else if (kind < 70) {
            return domain();
        } else if (kind < 76) {
            return sequence();
        } else if (kind < 88) {
            return small();
        } else if (kind < 91) {
            return schema();
        } else if (kind < 94) {
            return strange();
        }
        return drop();
    }

    private String name() {
        String name = some.chance(0.7) ? "N" + random.nextInt(200) : some.pick(NAMES);
        return some.chance(0.25) && !known.schemas.isEmpty() ? some.pick(known.schemas) + "." + name : name;
    }

    private String plainName() {
        return some.chance(0.8) ? "N" + random.nextInt(200) : some.pick(NAMES);
    }

    private Table table() {
        return known.tables.isEmpty() ? new Table("T1", false, List.of()) : some.pick(known.tables);
    }

    private Column column(Table table) {
        return table.columns().isEmpty() ? new Column("C0", "INTEGER", false) : some.pick(table.columns());
    }

    private static List<String> names(Table table) {
        return table.columns().stream().map(Column::name).toList();
    }

    private String of(List<String> objects) {
        return objects.isEmpty() || some.chance(0.03) ? name() : some.pick(objects);
    }

    private Part of(Supplier<List<Part>> parts) {
        return parts.get().isEmpty() ? new Part(table().name(), "X") : some.pick(parts.get());
    }

    private String ifExists() {
        return some.chance(0.3) ? "IF EXISTS " : "";
    }

    private String ifNotExists() {
        return some.chance(0.3) ? "IF NOT EXISTS " : "";
    }

    private String end() {
        return some.pick(List.of("", "", " CASCADE", " RESTRICT"));
    }

    private String type() {
        return some.chance(0.15) && !known.domains.isEmpty() ? some.pick(known.domains) : some.type();
    }

    private String constant(String type) {
        return switch (random.nextInt(12)) {
            case 0 -> some.any(List.of(), 3);
            case 1 -> some.pick(RandomExpressions.VARYING);
            case 2 -> known.sequences.isEmpty() ? "1" : "NEXT VALUE FOR " + some.pick(known.sequences);
            case 3 -> known.constants.isEmpty() ? "2" : some.pick(known.constants);
            case 4 -> "(" + some.one(known) + ")";
            case 5 -> some.chance(0.1) ? "1/0" : "CAST(1 AS BIGINT)";
            default -> some.value(type);
        };
    }

    private String columnDefinition(List<String> earlier) {
        String type = type();
        StringBuilder made = new StringBuilder(type);
        switch (random.nextInt(14)) {
            case 0 ->
                made.append(" GENERATED ALWAYS AS (")
                        .append(some.any(earlier, 2))
                        .append(")");
            case 1 ->
                made.replace(0, made.length(), some.pick(List.of("INT", "BIGINT", "NUMERIC(10)")))
                        .append(some.pick(List.of(
                                " GENERATED ALWAYS AS IDENTITY",
                                " GENERATED BY DEFAULT AS IDENTITY(START WITH 5 INCREMENT BY 2)",
                                " GENERATED BY DEFAULT AS IDENTITY(START WITH -1 INCREMENT BY -1 MINVALUE -900 CYCLE)",
                                " AUTO_INCREMENT")));
            case 2, 3, 4, 5 -> made.append(" DEFAULT ").append(constant(type));
            case 6 -> made.append(" DEFAULT ON NULL ").append(constant(type));
            case 7 ->
                made.append(" DEFAULT ")
                        .append(constant(type))
                        .append(" ON UPDATE ")
                        .append(constant(type));
            default -> {}
        }
        if (some.chance(0.2)) {
            made.append(some.pick(List.of(" NOT NULL", " NULL", " INVISIBLE NULL", " UNIQUE", " COMMENT 'it''s'")));
        }
        if (some.chance(0.1)) {
            made.append(" CHECK (").append(some.condition(earlier, known, 1)).append(")");
        }
        return made.toString();
    }

    private String createTable() {
        String name = name();
        if (some.chance(0.15)) {
            return "CREATE TABLE " + ifNotExists() + name + " AS " + some.query(known, 2)
                    + (some.chance(0.3) ? " WITH NO DATA" : "");
        }
        int n = some.chance(0.02) ? 300 : some.upTo(6);
        List<String> columns = IntStream.range(0, n)
                .mapToObj(i -> n < 10 && some.chance(0.1) ? some.pick(NAMES) : "C" + i)
                .distinct()
                .toList();
        StringBuilder made = new StringBuilder("CREATE ")
                .append(some.pick(List.of("", "", "", "", "CACHED ", "MEMORY ")))
                .append("TABLE ")
                .append(ifNotExists())
                .append(name)
                .append("(");
        boolean isKeyed = some.chance(0.6);
        for (int i = 0; i < columns.size(); i++) {
            made.append(i == 0 ? "" : ", ").append(columns.get(i)).append(' ');
            made.append(
                    i == 0 && isKeyed
                            ? some.pick(List.of("INT PRIMARY KEY", "BIGINT PRIMARY KEY", "VARCHAR(10) PRIMARY KEY"))
                            : columnDefinition(columns.subList(0, i)));
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            made.append(", ").append(constraint(columns, name));
        }
        made.append(")").append(some.chance(0.03) ? " NOT PERSISTENT" : "");
        if (some.chance(sharded ? 0.5 : 0.1)) {
            made.append(some.chance(0.8) ? " SHARD BY (" + some.pick(columns) + ")" : " REFERENCE");
        }
        if (some.chance(0.05)) {
            made.append(" WITH CONSISTENCY (READ EVENTUAL, WRITE LINEARIZABLE)");
        }
        return made.toString();
    }

    private String constraint(List<String> columns, String self) {
        String named =
                some.chance(0.6) ? "CONSTRAINT " + (some.chance(0.7) ? "K" + count : some.pick(NAMES)) + " " : "";
        String column = columns.isEmpty() ? "C0" : some.pick(columns);
        return named
                + switch (random.nextInt(7)) {
                    case 0 -> "PRIMARY KEY(" + column + ")";
                    case 1 -> "UNIQUE" + some.pick(List.of("", "", " NULLS NOT DISTINCT")) + "(" + column + ")";
                    case 2 -> "UNIQUE(VALUE)";
                    case 3 -> {
                        Table parent = table();
                        String to = some.chance(0.15) ? self : parent.name();
                        yield "FOREIGN KEY(" + column + ") REFERENCES " + to + "("
                                + (some.chance(0.8) ? column(parent).name() : column) + ")"
                                + some.pick(List.of(
                                        "",
                                        " ON DELETE CASCADE",
                                        " ON DELETE SET NULL",
                                        " ON UPDATE SET DEFAULT ON DELETE RESTRICT",
                                        " ON UPDATE CASCADE NOCHECK",
                                        " NOT DEFERRABLE"));
                    }
                    default ->
                        "CHECK (" + some.condition(columns, known, 1) + ")" + (some.chance(0.2) ? " NOCHECK" : "");
                };
    }

    private String alterTable() {
        Table table = table();
        String alter = "ALTER TABLE " + ifExists() + table.name() + " ";
        Column column = column(table);
        String altered = alter + "ALTER COLUMN " + column.name() + " ";
        return switch (random.nextInt(32)) {
            case 0, 1, 2, 3 ->
                alter + "ADD COLUMN " + ifNotExists() + plainName() + " " + columnDefinition(names(table))
                        + (some.chance(0.3) ? some.pick(List.of(" BEFORE ", " AFTER ")) + column.name() : "");
            case 4 ->
                alter + "ADD (" + plainName() + " " + columnDefinition(names(table)) + ", " + plainName() + " INT)";
            case 5, 6 -> alter + "DROP COLUMN " + ifExists() + column.name();
            case 7 -> alter + "RENAME TO " + plainName();
            case 8, 9 -> altered + "RENAME TO " + plainName();
            case 10, 11 -> altered + "SET DEFAULT " + constant(column.type());
            case 12 ->
                altered
                        + some.pick(List.of(
                                "DROP DEFAULT",
                                "DROP NOT NULL",
                                "DROP EXPRESSION",
                                "DROP IDENTITY",
                                "DROP ON UPDATE",
                                "SET INVISIBLE",
                                "SET VISIBLE",
                                "SET NOT NULL",
                                "SET DEFAULT ON NULL",
                                "DROP DEFAULT ON NULL",
                                "SELECTIVITY 5"));
            case 13 -> altered + "SET ON UPDATE " + constant(column.type());
            case 14, 15 ->
                altered + "SET DATA TYPE " + type() + (some.chance(0.3) ? " USING " + some.any(names(table), 1) : "");
            case 16 -> altered + columnDefinition(names(table));
            case 17 ->
                altered
                        + some.pick(List.of(
                                "RESTART WITH 100",
                                "RESTART",
                                "SET GENERATED ALWAYS",
                                "SET GENERATED BY DEFAULT SET INCREMENT BY 3 SET CYCLE",
                                "SET MAXVALUE 20000",
                                "GENERATED BY DEFAULT AS IDENTITY",
                                "SET INCREMENT BY -2"));
            case 18, 19, 20, 21, 22 -> alter + "ADD " + constraint(names(table), table.name());
            case 23 -> alter + "ADD CONSTRAINT " + ifNotExists() + plainName() + " CHECK (1 = 1) CHECK";
            case 24, 25 -> {
                Part part = of(() -> known.constraints);
                yield "ALTER TABLE " + part.table() + " DROP CONSTRAINT " + ifExists() + part.name() + end();
            }
            case 26 -> {
                Part part = of(() -> known.constraints);
                yield "ALTER TABLE " + part.table() + " RENAME CONSTRAINT " + part.name() + " TO " + plainName();
            }
            case 27 -> alter + "DROP PRIMARY KEY";
            case 28 -> alter + (some.chance(0.6) ? "SHARD BY (" + column.name() + ")" : "REFERENCE");
            case 29 ->
                some.chance(0.5)
                        ? alter + "SET CONSISTENCY (READ MONOTONIC_READ, WRITE SEQUENTIAL)"
                        : "ALTER TABLE " + table.name() + " SET REFERENTIAL_INTEGRITY "
                                + (some.chance(0.8) ? "TRUE" : "FALSE");
            case 30 ->
                "TRUNCATE TABLE " + table.name() + some.pick(List.of("", " RESTART IDENTITY", " CONTINUE IDENTITY"));
            default -> some.chance(0.5) ? "ANALYZE TABLE " + table.name() : "ANALYZE SAMPLE_SIZE 100";
        };
    }

    private String index() {
        Table table = table();
        return switch (random.nextInt(8)) {
            case 0 -> "DROP INDEX " + ifExists() + of(known.indexes);
            case 1 -> "ALTER INDEX " + ifExists() + of(known.indexes) + " RENAME TO " + name();
            default ->
                "CREATE "
                        + some.pick(List.of(
                                "",
                                "",
                                "UNIQUE ",
                                "UNIQUE NULLS NOT DISTINCT ",
                                "UNIQUE NULLS ALL DISTINCT ",
                                "HASH ",
                                "UNIQUE HASH ",
                                "SPATIAL "))
                        + "INDEX " + ifNotExists() + (some.chance(0.9) ? plainName() : "") + " ON " + table.name() + "("
                        + IntStream.range(0, some.upTo(2))
                                .mapToObj(i -> column(table).name()
                                        + some.pick(
                                                List.of("", "", " ASC", " DESC", " DESC NULLS LAST", " NULLS FIRST")))
                                .collect(Collectors.joining(", "))
                        + ")";
        };
    }

    private String view() {
        return switch (random.nextInt(14)) {
            case 0 -> "ALTER VIEW " + ifExists() + viewName() + " RECOMPILE";
            case 1 -> "ALTER VIEW " + ifExists() + viewName() + " RENAME TO " + plainName();
            case 2 -> "DROP VIEW " + ifExists() + viewName() + end();
            case 3 -> "CREATE FORCE VIEW " + name() + " AS SELECT MISSING FROM NOWHERE";
            case 4 -> "CREATE VIEW " + name() + "(P, \"q r\") AS SELECT (" + some.one(known) + "), 2";
            case 5 -> "CREATE VIEW " + name() + " AS SELECT " + some.deep() + " AS D";
            case 6, 7, 8 ->
                "CREATE OR REPLACE VIEW " + (some.chance(0.5) ? viewName() : name()) + " AS " + some.query(known, 2);
            default ->
                "CREATE " + (some.chance(0.1) ? "FORCE " : "") + "VIEW " + ifNotExists() + name() + " AS "
                        + some.query(known, 3);
        };
    }

    private String viewName() {
        return known.views.isEmpty() ? name() : some.pick(known.views).name();
    }

    private String domain() {
        String domain = of(known.domains);
        String alter = "ALTER DOMAIN " + ifExists() + domain + " ";
        String check = "CHECK (" + some.condition(List.of("VALUE"), known, 1) + ")";
        return switch (random.nextInt(14)) {
            case 0 -> alter + "SET DEFAULT " + constant("INTEGER");
            case 1 -> alter + some.pick(List.of("DROP DEFAULT", "DROP ON UPDATE"));
            case 2 -> alter + "SET ON UPDATE " + constant("INTEGER");
            case 3, 4 ->
                alter + "ADD " + (some.chance(0.5) ? "CONSTRAINT K" + count + " " : "") + check
                        + (some.chance(0.3) ? " NOCHECK" : "");
            case 5 -> {
                Part part = of(() -> known.domainConstraints);
                yield "ALTER DOMAIN " + part.table() + " DROP CONSTRAINT " + part.name();
            }
            case 6 -> {
                Part part = of(() -> known.domainConstraints);
                yield "ALTER DOMAIN " + part.table() + " RENAME CONSTRAINT " + part.name() + " TO " + plainName();
            }
            case 7 -> alter + "RENAME TO " + plainName();
            case 8 -> "DROP DOMAIN " + ifExists() + domain + end();
            default -> {
                String type = type();
                yield "CREATE DOMAIN " + ifNotExists() + name() + " AS " + type
                        + (some.chance(0.4) ? " DEFAULT " + constant(type) : "")
                        + (some.chance(0.1) ? " ON UPDATE " + constant(type) : "")
                        + (some.chance(0.4) ? " " + check : "");
            }
        };
    }

    private String sequence() {
        String options = some.pick(List.of(
                "",
                " START WITH 10",
                " INCREMENT BY -1",
                " MINVALUE -5 MAXVALUE 500 CYCLE",
                " AS SMALLINT START WITH 3 INCREMENT BY 7 NO CACHE",
                " MINVALUE 1 MAXVALUE 9223372036854775807 CACHE 1000",
                " AS NUMERIC(15) EXHAUSTED",
                " NO CYCLE NO MAXVALUE"));
        return switch (random.nextInt(8)) {
            case 0 -> "DROP SEQUENCE " + ifExists() + of(known.sequences);
            case 1 ->
                "ALTER SEQUENCE " + ifExists() + of(known.sequences) + " RESTART" + some.pick(List.of("", " WITH 77"));
            case 2 ->
                "ALTER SEQUENCE " + of(known.sequences)
                        + some.pick(List.of(
                                " INCREMENT BY -3",
                                " MINVALUE 0",
                                " MAXVALUE 100000",
                                " CYCLE",
                                " RESTART WITH 4 INCREMENT BY 2 NO CACHE"));
            default -> "CREATE SEQUENCE " + ifNotExists() + name() + options;
        };
    }

    private String small() {
        Table table = table();
        return switch (random.nextInt(14)) {
            case 0, 1 -> "CREATE CONSTANT " + ifNotExists() + name() + " VALUE " + constant("INTEGER");
            case 2 -> "DROP CONSTANT " + ifExists() + of(known.constants);
            case 3, 4 ->
                "CREATE " + (some.chance(0.3) ? "OR REPLACE " : "") + "SYNONYM " + name() + " FOR "
                        + (some.chance(0.7) ? table.name() : viewName());
            case 5 -> "DROP SYNONYM " + ifExists() + of(known.synonyms);
            case 6 -> "COMMENT ON TABLE " + table.name() + " IS " + comment();
            case 7 -> "COMMENT ON COLUMN " + table.name() + "." + column(table).name() + " IS " + comment();
            case 8 ->
                "COMMENT ON " + (known.domains.isEmpty() ? "SCHEMA PUBLIC" : "DOMAIN " + some.pick(known.domains))
                        + " IS " + comment();
            case 9 -> "COMMENT ON CONSTANT " + of(known.constants) + " IS " + comment();
            case 10 -> "COMMENT ON SEQUENCE " + of(known.sequences) + " IS " + comment();
            case 11 -> "COMMENT ON INDEX " + of(known.indexes) + " IS " + comment();
            case 12 -> "COMMENT ON VIEW " + viewName() + " IS " + comment();
            default ->
                "COMMENT ON SCHEMA " + (known.schemas.isEmpty() ? "PUBLIC" : some.pick(known.schemas)) + " IS "
                        + comment();
        };
    }

    private String comment() {
        return some.pick(List.of("'c'", "NULL", "'it''s -- /*'", "''", "'" + "long ".repeat(500) + "'", "U&'\\00e4'"));
    }

    private String schema() {
        String schema = known.schemas.isEmpty() ? "S1" : some.pick(known.schemas);
        return switch (random.nextInt(8)) {
            case 0 -> "DROP SCHEMA " + ifExists() + schema + some.pick(List.of("", " RESTRICT", " CASCADE"));
            case 1 -> "ALTER SCHEMA " + ifExists() + schema + " RENAME TO " + plainName();
            default ->
                known.schemas.size() > 5
                        ? "DROP SCHEMA " + schema + " RESTRICT"
                        : "CREATE SCHEMA " + ifNotExists() + plainName()
                                + some.pick(List.of("", "", " AUTHORIZATION SA"));
        };
    }

    /** What can't be right, or belongs to somebody else. */
    private String strange() {
        return some.pick(List.of(
                "CREATE USER U PASSWORD 'x'",
                "CREATE ROLE R",
                "GRANT SELECT ON " + table().name() + " TO PUBLIC",
                "CREATE ALIAS F FOR \"java.lang.Math.sqrt\"",
                "CREATE TRIGGER TR AFTER INSERT ON " + table().name() + " FOR EACH ROW CALL 'java.lang.String'",
                "CREATE TABLE TUNABLE.X(A INT)",
                "CREATE VIEW TUNABLE_INTERNAL.V AS SELECT 1",
                "CREATE TABLE INFORMATION_SCHEMA.X(A INT)",
                "DROP SCHEMA PUBLIC CASCADE",
                "DROP ALL OBJECTS",
                "CREATE LINKED TABLE L('', 'jdbc:h2:mem:', '', '', 'X')",
                "CREATE AGGREGATE AG FOR 'java.lang.String'",
                "CREATE MATERIALIZED VIEW MV AS " + some.query(known, 1),
                "CREATE GLOBAL TEMPORARY TABLE GT" + random.nextInt(5) + "(A INT)",
                "CREATE TABLE " + name() + "()",
                "CREATE TABLE " + name() + "(A INT, A INT)",
                "ALTER SEQUENCE SYSTEM_SEQUENCE_1 RESTART WITH 5",
                "SET MODE MySQL",
                "CREATE CONSISTENCY RULE R" + random.nextInt(9) + " ON * FOR READ USING SEQUENTIAL",
                "DROP CONSISTENCY RULE IF EXISTS R" + random.nextInt(9),
                "CREATE VIEW " + viewName() + " AS SELECT * FROM " + viewName(),
                "CREATE OR REPLACE VIEW " + viewName() + " AS SELECT * FROM " + viewName()));
    }

    private String drop() {
        Table table = table();
        return switch (random.nextInt(9)) {
            case 0, 1, 2 -> "DROP TABLE " + ifExists() + table.name() + end();
            case 3, 4 -> "DROP VIEW " + ifExists() + viewName() + end();
            case 5 -> "DROP DOMAIN " + of(known.domains) + end();
            case 6 -> "DROP SEQUENCE " + of(known.sequences);
            case 7 -> "DROP TABLE " + table.name() + ", " + table().name() + " CASCADE";
            default -> "DROP CONSTANT " + of(known.constants);
        };
    }
}
