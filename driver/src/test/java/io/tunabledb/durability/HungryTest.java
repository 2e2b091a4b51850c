package io.tunabledb.durability;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What asks for more memory than there is gets TC006, alone: the database goes on, and no replica is lost. */
class HungryTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String SORT =
            "SELECT A.X, RAND() R FROM SYSTEM_RANGE(1, 30000) A, SYSTEM_RANGE(1, 30000) B ORDER BY R";
    private static final List<String> TOO_LONG = List.of(
            "SELECT LENGTH(REPEAT(V, L)) FROM T",
            "SELECT LENGTH(SPACE(L)) FROM T WITH CONSISTENCY LINEARIZABLE",
            "SELECT LENGTH(LPAD(V, L, 'ab')) FROM T",
            "SELECT LENGTH(RPAD(V, L)) FROM T",
            "SELECT SECURE_RAND(L) FROM T",
            "SELECT COUNT(*) FROM T GROUP BY REPEAT(V, L)",
            "UPDATE T SET V = REPEAT(V, L)",
            "INSERT INTO T SELECT ID + 1000000, N, L, SPACE(L) FROM T",
            "DELETE FROM T WHERE ID > 900 AND V < REPEAT(V, L)",
            "SELECT REPEAT('x', 2147483647)",
            "SET @V = SPACE(2147483647)");

    /** More than the few whose stack a JVM remembers. */
    @Test
    void oneLongValueEndsItsStatementOnly() throws Exception {
        List<String> asked = new ArrayList<>(TOO_LONG);
        asked.add("SELECT * FROM FINAL TABLE (UPDATE T SET V = SPACE(L))");
        asked.add("MERGE INTO T KEY (ID) SELECT ID, N, L, REPEAT(V, L) FROM T");
        asked.add(SORT);
        assertRefused(256, "-XX:+UseSerialGC", 1, asked);
    }

    @Tag("campaign")
    @ParameterizedTest
    @CsvSource({
        "256, UseG1GC, 1",
        "256, UseParallelGC, 1",
        "256, UseSerialGC, 1",
        "256, UseG1GC, 2",
        "256, UseParallelGC, 2",
        "256, UseG1GC, 4",
        "256, UseSerialGC, 4",
        "160, UseG1GC, 1",
        "160, UseParallelGC, 1",
        "160, UseSerialGC, 1",
        "160, UseSerialGC, 2"
    })
    void anyWorkEndsInRefusals(int megabytes, String collector, int shards) throws Exception {
        List<String> asked = new ArrayList<>(TOO_LONG);
        asked.addAll(List.of(
                SORT,
                "SELECT CARDINALITY(ARRAY_AGG(X)) FROM SYSTEM_RANGE(1, 100000000)",
                "SELECT LISTAGG(REPEAT(V, 1000)) FROM T, SYSTEM_RANGE(1, 100000)",
                "SELECT COUNT(*) FROM (SELECT DISTINCT A.X * B.X, A.X FROM SYSTEM_RANGE(1, 30000) A,"
                        + " SYSTEM_RANGE(1, 30000) B)",
                "SELECT A.X, B.X, COUNT(*) FROM SYSTEM_RANGE(1, 30000) A, SYSTEM_RANGE(1, 30000) B GROUP BY A.X, B.X",
                "INSERT INTO BIG SELECT X, REPEAT('x', 200) || X FROM SYSTEM_RANGE(1, 10000000)",
                "TRANSACTIONS",
                "LONG TEXTS",
                "RESULTS",
                "BATCH"));
        assertRefused(megabytes, "-XX:+" + collector, shards, asked);
    }

    /** What only the rows that are there make too long for any heap would end in every replica. */
    @ParameterizedTest
    @CsvSource({"1, 0", "1, 100000", "2, 0"})
    void definitionsThatMakeLongValuesAreRefused(int shards, int more) throws Exception {
        assertRefusedDefinitions(
                shards,
                more,
                List.of(
                        "ALTER TABLE T ADD CHECK (LENGTH(REPEAT(V, L)) > 0)",
                        "ALTER TABLE T ADD COLUMN M INT GENERATED ALWAYS AS (LENGTH(SPACE(L)))",
                        "ALTER TABLE T ALTER COLUMN V SET DATA TYPE INT USING LENGTH(LPAD(V, L))",
                        "CREATE TABLE COPY AS SELECT LENGTH(RPAD(V, L)) AS M FROM T"));
    }

    /** None of the values is too long, but all together are. */
    @Tag("campaign")
    @ParameterizedTest
    @CsvSource({"1", "2"})
    void definitionsThatMakeManyValuesAreRefused(int shards) throws Exception {
        assertRefusedDefinitions(
                shards,
                0,
                List.of(
                        "ALTER TABLE T ADD COLUMN M VARCHAR GENERATED ALWAYS AS (REPEAT(V, 1000000) || ID)",
                        "ALTER TABLE T ADD COLUMN M BINARY(1000000) GENERATED ALWAYS AS (CAST(ID AS BINARY(1000000)))",
                        "ALTER TABLE T ALTER COLUMN V SET DATA TYPE VARCHAR USING REPEAT(V, 1000000) || ID"));
    }

    private static void assertRefusedDefinitions(int shards, int more, List<String> asked) throws Exception {
        List<String> arguments =
                new ArrayList<>(List.of("jdbc:tunable:mem:long?consistencyTimeout=20s&shards=" + shards));
        if (more > 0) {
            arguments.add("INSERT INTO T SELECT X, 0, 1, 'x' FROM SYSTEM_RANGE(1001, " + (1_000 + more) + ")");
        }
        int first = arguments.size();
        for (String each : asked) {
            arguments.addAll(List.of(each, "WRITES"));
        }
        try (ChildJvm child =
                ChildJvm.start(Hungry.class, List.of("-Xmx256m", "-XX:+UseSerialGC"), arguments, line -> {})) {
            for (int i = 1; i < first; i++) {
                assertThat(child.await("ENDED", PATIENCE)).startsWith("ENDED 00000");
            }
            for (String each : asked) {
                assertThat(child.await("ENDED", PATIENCE))
                        .startsWith("ENDED TC006")
                        .endsWith(each);
                assertThat(child.await("ENDED", PATIENCE)).startsWith("ENDED 00000");
            }
            assertThat(child.await("COUNT", PATIENCE)).startsWith("COUNT true");
            assertThat(child.await("REPLICAS", PATIENCE)).startsWith("REPLICAS " + 3 * shards + " HASHES " + shards);
        }
    }

    /**
     * Whatever was too much was refused, and the database is whole: where memory ended in the middle of a change its replica was
     * rebuilt, and those who were at work there could get what a change of leader gives.
     */
    private static void assertRefused(int megabytes, String collector, int shards, List<String> asked)
            throws Exception {
        List<String> arguments = new ArrayList<>();
        arguments.add("jdbc:tunable:mem:any?shards=" + shards + "&consistencyTimeout=20s");
        for (String each : asked) {
            arguments.add(each);
            if (each.equals("TRANSACTIONS") || each.equals("LONG TEXTS")) {
                arguments.add("TRUNCATE TABLE BIG");
            }
        }
        List<String> options = List.of("-Xmx" + megabytes + "m", collector);
        List<String> ended = new ArrayList<>();
        try (ChildJvm child = ChildJvm.start(Hungry.class, options, arguments, line -> {})) {
            for (String each : arguments.subList(1, arguments.size())) {
                String end = child.await("ENDED", PATIENCE);
                assertThat(end).endsWith(each);
                if (!each.startsWith("TRUNCATE")) {
                    ended.add(end);
                }
            }
            Set<String> states = Set.of(child.await("STATES", PATIENCE)
                    .replaceAll("STATES \\[|\\]", "")
                    .split(", ", -1));
            assertThat(child.await("COUNT", PATIENCE)).startsWith("COUNT true");
            assertThat(child.await("SERVING", PATIENCE)).isEqualTo("SERVING 3");
            assertThat(child.await("REPLICAS", PATIENCE)).startsWith("REPLICAS " + 3 * shards + " HASHES " + shards);
            boolean isRebuilt = !child.await("REBUILDS", PATIENCE).equals("REBUILDS 0");
            assertThat(ended).allMatch(end -> isRefusal(end.split(" ", -1)[1], isRebuilt));
            assertThat(states).allMatch(state -> state.isEmpty() || isRefusal(state, isRebuilt));
            assertThat(child.awaitExit(PATIENCE)).as(child.errors()).isZero();
        }
    }

    private static boolean isRefusal(String state, boolean isRebuilt) {
        return state.equals("TC006")
                || (isRebuilt && Set.of("40001", "08007", "TC002").contains(state));
    }
}
