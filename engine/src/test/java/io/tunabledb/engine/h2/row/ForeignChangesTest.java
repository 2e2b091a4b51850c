package io.tunabledb.engine.h2.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.h2.Replicas;
import io.tunabledb.engine.h2.Writer;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Changes captured in one shard and made in another: here the first writes and the second takes them over. */
final class ForeignChangesTest {
    private final Replicas first = new Replicas();
    private final Replicas second = new Replicas();

    @BeforeEach
    void create() throws SQLException {
        for (Replicas shard : List.of(first, second)) {
            shard.defined(
                    "CREATE TABLE PARENT(ID INT PRIMARY KEY, CODE VARCHAR(9) UNIQUE)",
                    "CREATE TABLE TREE(ID INT PRIMARY KEY, UP INT REFERENCES TREE(ID) ON DELETE CASCADE)",
                    "CREATE TABLE STRICT(ID INT PRIMARY KEY, P INT REFERENCES PARENT(ID))",
                    "CREATE TABLE FOLLOWS(ID INT PRIMARY KEY, P INT REFERENCES PARENT(ID) ON DELETE CASCADE)",
                    "CREATE TABLE LOOSE(ID INT PRIMARY KEY, P INT REFERENCES PARENT(ID) ON DELETE SET NULL)");
        }
        copy("INSERT INTO PARENT VALUES(1, 'a'), (2, 'b'), (3, 'c')");
    }

    @AfterEach
    void close() {
        first.close();
        second.close();
    }

    /** Runs statements in the first shard and makes what they changed in both. */
    private void copy(String... statements) throws SQLException {
        try (Writer here = first.leader.openWriter();
                Writer there = second.leader.openWriter();
                Statement statement = here.connection().createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
            there.write(here.changes());
            first.commit(here);
            second.commit(there);
        }
    }

    private void assertCopied(String table) throws SQLException {
        String sql = "SELECT * FROM " + table + " ORDER BY ID";
        assertThat(Replicas.rows(second.leader, sql)).isEqualTo(Replicas.rows(first.leader, sql));
        second.assertSame();
    }

    private List<List<Object>> there(String sql) throws SQLException {
        return Replicas.rows(second.leader, sql);
    }

    @Test
    void orderDoesNotMatter() throws SQLException {
        copy("INSERT INTO TREE VALUES(1, NULL), (2, 1), (9, 2), (3, 9)", "UPDATE TREE SET UP = 9 WHERE ID = 2");
        copy("UPDATE PARENT SET CODE = CASE CODE WHEN 'a' THEN 'b' WHEN 'b' THEN 'a' ELSE CODE END");
        copy("DELETE FROM PARENT WHERE ID = 3", "INSERT INTO PARENT VALUES(4, 'c')");
        copy("UPDATE TREE SET UP = 1 WHERE ID = 2", "DELETE FROM TREE WHERE ID = 9");
        assertCopied("TREE");
        assertCopied("PARENT");
    }

    @Test
    void whatCascadesHereCascadesToThisShardsOwnRows() throws SQLException {
        second.write("INSERT INTO FOLLOWS VALUES(1, 1), (2, 2)", "INSERT INTO LOOSE VALUES(1, 1), (2, 2)");
        copy("DELETE FROM PARENT WHERE ID = 1");
        assertThat(there("SELECT ID FROM FOLLOWS")).isEqualTo(List.of(List.of("2")));
        assertThat(there("SELECT COUNT(*) FROM LOOSE WHERE P IS NULL")).isEqualTo(List.of(List.of("1")));
        second.assertSame();
    }

    @Test
    void whatIsForbiddenHereLeavesNothing() throws SQLException {
        second.write("INSERT INTO STRICT VALUES(1, 2)", "INSERT INTO FOLLOWS VALUES(1, 1)");
        List<List<Object>> before = there("SELECT * FROM PARENT ORDER BY ID");
        try (Writer here = first.leader.openWriter();
                Writer there = second.leader.openWriter();
                Statement statement = here.connection().createStatement()) {
            statement.execute("DELETE FROM PARENT");
            byte[] changes = here.changes();
            assertThatThrownBy(() -> there.write(changes))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("23503"));
            assertThat(there.changes()).isNull();
        }
        assertThat(there("SELECT * FROM PARENT ORDER BY ID")).isEqualTo(before);
        assertThat(there("SELECT ID FROM FOLLOWS")).hasSize(1);
    }

    @Test
    void aUniqueValueThatIsTakenHereIsRefused() throws SQLException {
        second.write("INSERT INTO PARENT VALUES(50, 'x')");
        try (Writer here = first.leader.openWriter();
                Writer there = second.leader.openWriter();
                Statement statement = here.connection().createStatement()) {
            statement.execute("INSERT INTO PARENT VALUES(4, 'd'), (5, 'x')");
            byte[] changes = here.changes();
            assertThatThrownBy(() -> there.write(changes))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("23505"));
            assertThat(there.changes()).isNull();
        }
    }

    @Test
    void itWaitsForRowsAndValuesThatOthersHold() throws Exception {
        List<byte[]> captured = new ArrayList<>();
        for (String sql : new String[] {
            "UPDATE PARENT SET CODE = 'z' WHERE ID = 1", "INSERT INTO PARENT VALUES(7, 'x')",
        }) {
            try (Writer here = first.leader.openWriter();
                    Statement statement = here.connection().createStatement()) {
                statement.execute(sql);
                captured.add(here.changes());
                here.rollback();
            }
        }
        try (Writer other = second.leader.openWriter();
                Writer there = second.leader.openWriter();
                Statement statement = other.connection().createStatement();
                Statement setting = there.connection().createStatement()) {
            statement.execute("UPDATE PARENT SET CODE = 'y' WHERE ID = 1");
            statement.execute("INSERT INTO PARENT VALUES(60, 'x')");
            for (byte[] changes : captured) {
                setting.execute("SET LOCK_TIMEOUT 30");
                assertThatThrownBy(() -> there.write(changes)).isInstanceOf(SQLException.class);
                assertThat(there.changes()).isNull();
            }
            setting.execute("SET LOCK_TIMEOUT 10000");
            CompletableFuture<Void> later = CompletableFuture.runAsync(() -> {
                try {
                    for (byte[] changes : captured) {
                        there.write(changes);
                    }
                } catch (SQLException e) {
                    throw new AssertionError(e);
                }
            });
            assertThat(later).isNotDone();
            other.rollback();
            later.get(10, TimeUnit.SECONDS);
            second.commit(there);
        }
        assertThat(there("SELECT CODE FROM PARENT WHERE ID IN (1, 7) ORDER BY ID"))
                .isEqualTo(List.of(List.of("z"), List.of("x")));
        second.assertSame();
    }
}
