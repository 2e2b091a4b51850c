package io.tunabledb.engine.h2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.catalog.PreparedRow;
import io.tunabledb.engine.h2.sql.TableName;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is prepared waits, on every replica, for its end: with its locks where writers are, as bytes everywhere else. */
final class PreparedTest {
    private final Replicas replicas = new Replicas();

    @BeforeEach
    void create() throws SQLException {
        replicas.defined(
                "CREATE TABLE T(ID BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, U INT UNIQUE, V INT)",
                "CREATE TABLE PLAIN(V INT)");
        replicas.write("INSERT INTO T(U, V) VALUES(1, 0), (2, 0)", "INSERT INTO PLAIN VALUES(7)");
    }

    @AfterEach
    void close() {
        replicas.close();
    }

    /** Prepares on both replicas what the statements do. */
    private PreparedRow prepare(Writer writer, String... statements) throws SQLException {
        try (Statement statement = writer.connection().createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
        byte[] changes = writer.changes();
        PreparedRow row = new PreparedRow(++replicas.index, replicas.term, 5, 6, 1, 0, changes, new byte[] {9});
        replicas.leader.committed().prepare(row, writer);
        replicas.follower.committed().prepare(row, null);
        return row;
    }

    private static List<List<Object>> rows(Storage storage) throws SQLException {
        return Replicas.rows(storage, "SELECT ID, U, V FROM T ORDER BY ID");
    }

    @Test
    void whatIsPreparedShowsWhenItIsFinished() throws Exception {
        List<List<Object>> before = rows(replicas.leader);
        try (Writer writer = replicas.leader.openWriter()) {
            PreparedRow row = prepare(
                    writer,
                    "UPDATE T SET U = 3 - U",
                    "INSERT INTO T(U, V) VALUES(3, 3)",
                    "DELETE FROM PLAIN",
                    "INSERT INTO PLAIN VALUES(8)");
            assertThat(rows(replicas.leader)).isEqualTo(before);
            assertThat(rows(replicas.follower)).isEqualTo(before);
            replicas.reloadFollower();
            assertThat(replicas.follower.own().prepared())
                    .usingRecursiveFieldByFieldElementComparator()
                    .containsExactly(row);
            LedgerRow end = replicas.nextRow();
            writer.commit(end);
            replicas.leader.committed().forget(row);
            replicas.follower.committed().finish(end, row);
            replicas.follower.committed().forget(row);
        }
        replicas.assertSame();
        assertThat(rows(replicas.follower)).hasSize(3).contains(List.of("1", "2", "0"));
        assertThat(Replicas.rows(replicas.follower, "SELECT V FROM PLAIN")).isEqualTo(List.of(List.of("8")));
        assertThat(replicas.follower.own().prepared()).isEmpty();
    }

    @Test
    void theNextLeaderHasItsLocks() throws Exception {
        PreparedRow row;
        try (Writer writer = replicas.leader.openWriter()) {
            row = prepare(writer, "UPDATE T SET V = 1 WHERE U = 1", "INSERT INTO T(U, V) VALUES(3, 3)");
            writer.rollback();
        }
        replicas.failOver();
        try (Writer held = replicas.leader.openAdminWriter();
                Writer other = replicas.leader.openWriter();
                Statement statement = other.connection().createStatement()) {
            held.hold(row.changes());
            statement.execute("SET LOCK_TIMEOUT 50");
            assertThatThrownBy(() -> statement.execute("UPDATE T SET V = 2 WHERE U = 1"))
                    .hasMessageContaining("lock");
            assertThatThrownBy(() -> statement.execute("INSERT INTO T(U, V) VALUES(3, 9)"))
                    .as("a unique value of a row that may come")
                    .isInstanceOf(SQLException.class);
            statement.execute("UPDATE T SET V = 5 WHERE U = 2");
            other.rollback();
            try (Definer definer = replicas.leader.openDefiner()) {
                assertThat(definer.lock(List.of(new TableName("PUBLIC", "T")), Duration.ofMillis(50)))
                        .isFalse();
                assertThat(definer.lock(List.of(new TableName("PUBLIC", "PLAIN")), Duration.ofMillis(50)))
                        .isTrue();
                definer.release();
            }
            LedgerRow end = replicas.nextRow();
            held.commit(end);
            replicas.leader.committed().forget(row);
            replicas.follower.committed().finish(end, row);
            replicas.follower.committed().forget(row);
        }
        replicas.assertSame();
        assertThat(rows(replicas.leader)).contains(List.of("1", "1", "1"), List.of("3", "3", "3"));
    }

    @Test
    void itsSequenceValuesAreTakenAtOnceAndNeverGivenBack() throws Exception {
        try (Writer writer = replicas.leader.openWriter()) {
            PreparedRow row = prepare(writer, "INSERT INTO T(U, V) VALUES(3, 3)");
            writer.rollback();
            replicas.failOver();
            replicas.write("INSERT INTO T(U, V) VALUES(4, 4)", "INSERT INTO T(U, V) VALUES(5, 5)");
            LedgerRow end = replicas.nextRow();
            for (Storage storage : List.of(replicas.leader, replicas.follower)) {
                storage.committed().finish(end, row);
                storage.committed().forget(row);
            }
        }
        replicas.assertSame();
        replicas.failOver();
        replicas.write("INSERT INTO T(U, V) VALUES(6, 6)");
        assertThat(Replicas.rows(replicas.leader, "SELECT ID FROM T ORDER BY U"))
                .isEqualTo(List.of(List.of("1"), List.of("2"), List.of("3"), List.of("4"), List.of("5"), List.of("6")));
    }
}
