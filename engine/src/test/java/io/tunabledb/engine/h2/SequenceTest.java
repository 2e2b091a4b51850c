package io.tunabledb.engine.h2;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class SequenceTest {
    private final Replicas replicas = new Replicas();

    @AfterEach
    void close() {
        replicas.close();
    }

    /** Takes values in a transaction of its own, replicated. */
    private List<Long> take(String sequence, int count) throws SQLException {
        try (Writer writer = replicas.leader.openWriter()) {
            List<Long> values = take(writer, sequence, count);
            replicas.commit(writer);
            return values;
        }
    }

    private static List<Long> take(Writer writer, String sequence, int count) throws SQLException {
        List<Long> values = new ArrayList<>();
        try (Statement statement = writer.connection().createStatement()) {
            for (int i = 0; i < count; i++) {
                try (ResultSet result = statement.executeQuery("SELECT NEXT VALUE FOR " + sequence)) {
                    result.next();
                    values.add(result.getLong(1));
                }
            }
        }
        return values;
    }

    @Test
    void goOnWhereTheyWereAfterFailover() throws Exception {
        replicas.defined(
                "CREATE SEQUENCE UP START WITH 5 INCREMENT BY 3",
                "CREATE SEQUENCE DOWN START WITH 100 INCREMENT BY -10",
                "CREATE SEQUENCE ROUND MINVALUE 1 MAXVALUE 3 CYCLE",
                "CREATE SEQUENCE ENDING MINVALUE 1 MAXVALUE 2");
        assertThat(take("UP", 2)).containsExactly(5L, 8L);
        assertThat(take("DOWN", 2)).containsExactly(100L, 90L);
        assertThat(take("ROUND", 4)).containsExactly(1L, 2L, 3L, 1L);
        replicas.failOver();
        assertThat(take("UP", 1)).containsExactly(11L);
        assertThat(take("DOWN", 1)).containsExactly(80L);
        assertThat(take("ROUND", 3)).containsExactly(2L, 3L, 1L);
        replicas.reloadFollower();
        replicas.failOver();
        assertThat(take("UP", 1)).containsExactly(14L);
        assertThat(take("DOWN", 1)).containsExactly(70L);
        assertThat(take("ROUND", 1)).containsExactly(2L);
        assertThat(take("ENDING", 2)).containsExactly(1L, 2L);
        replicas.reloadFollower();
        replicas.failOver();
        assertThatIsExhausted("ENDING");
        replicas.defined("ALTER SEQUENCE ENDING RESTART");
        replicas.failOver();
        assertThat(take("ENDING", 1)).containsExactly(1L);
        replicas.defined("ALTER SEQUENCE UP RESTART WITH 5");
        replicas.failOver();
        assertThat(take("UP", 1)).containsExactly(5L);
    }

    private void assertThatIsExhausted(String sequence) throws SQLException {
        try (Writer writer = replicas.leader.openWriter()) {
            assertThat(catchState(() -> take(writer, sequence, 1))).isEqualTo("90006");
        }
    }

    private interface Taking {
        List<Long> take() throws SQLException;
    }

    private static String catchState(Taking taking) {
        try {
            return taking.take().toString();
        } catch (SQLException e) {
            return e.getSQLState();
        }
    }

    @Test
    void anOlderPositionNeverMovesOneBack() throws Exception {
        replicas.defined("CREATE SEQUENCE S");
        try (Writer first = replicas.leader.openWriter();
                Writer second = replicas.leader.openWriter()) {
            take(first, "S", 3);
            byte[] early = first.changes();
            take(second, "S", 3);
            byte[] late = second.changes();
            // logged the other way round
            LedgerRow row = replicas.nextRow();
            second.commit(row);
            replicas.follower.apply(row, late);
            replicas.reloadFollower(); // the order is not forgotten by a snapshot either
            row = replicas.nextRow();
            first.commit(row);
            replicas.follower.apply(row, early);
        }
        replicas.failOver();
        assertThat(take("S", 1)).containsExactly(7L);
    }

    @Test
    void anotherSessionsMoveIsNotThisTransactionsChange() throws Exception {
        replicas.defined("CREATE SEQUENCE S", "CREATE TABLE T(ID INT)");
        try (Writer idle = replicas.leader.openWriter();
                Writer busy = replicas.leader.openWriter()) {
            take(idle, "S", 1);
            replicas.commit(idle);
            take(busy, "S", 1);
            assertThat(idle.changes()).isNull();
            busy.rollback();
            assertThat(busy.changes()).isNull();
            take(busy, "S", 1);
            assertThat(busy.changes()).as("a moved sequence is a change").isNotNull();
        }
    }

    @Test
    void identitiesAreKnownByTheirColumn() throws Exception {
        replicas.defined(
                "CREATE TABLE T(ID BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, V INT)",
                "CREATE TABLE U(V INT, N BIGINT GENERATED ALWAYS AS IDENTITY(START WITH -1 INCREMENT BY -1))");
        replicas.write("INSERT INTO T(V) VALUES(1), (2)", "INSERT INTO U(V) VALUES(1), (2)");
        replicas.defined("ALTER TABLE T RENAME TO T2", "ALTER TABLE T2 ALTER COLUMN ID RENAME TO KEY2");
        replicas.write("INSERT INTO T2(V) VALUES(3)");
        replicas.failOver();
        replicas.defined("ALTER TABLE T2 ADD COLUMN W INT");
        replicas.write("INSERT INTO T2(V) VALUES(4)", "INSERT INTO U(V) VALUES(3)");
        replicas.assertSame();
        assertThat(Replicas.rows(replicas.follower, "SELECT MAX(KEY2), (SELECT MIN(N) FROM U) FROM T2"))
                .isEqualTo(List.of(List.of("4", "-3")));
        replicas.defined("TRUNCATE TABLE T2 RESTART IDENTITY", "ALTER TABLE U ALTER COLUMN N RESTART WITH -100");
        replicas.reloadFollower();
        replicas.failOver();
        replicas.write("INSERT INTO T2(V) VALUES(1)", "INSERT INTO U(V) VALUES(1)");
        assertThat(Replicas.rows(replicas.follower, "SELECT MAX(KEY2), (SELECT MIN(N) FROM U) FROM T2"))
                .isEqualTo(List.of(List.of("1", "-100")));
    }

    @Test
    void aDefinitionMeetsTheReplicatedPosition() throws Exception {
        replicas.defined("CREATE SEQUENCE S MAXVALUE 1000");
        try (Writer writer = replicas.leader.openWriter()) {
            take(writer, "S", 200);
            writer.rollback();
        }
        replicas.defined("ALTER SEQUENCE S MAXVALUE 100");
        assertThat(take("S", 1)).containsExactly(1L);
    }
}
