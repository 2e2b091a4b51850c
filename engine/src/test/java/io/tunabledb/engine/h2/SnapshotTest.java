package io.tunabledb.engine.h2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.snapshot.CorruptSnapshotException;
import io.tunabledb.engine.h2.snapshot.Pin;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.SequenceInputStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.h2.engine.Constants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class SnapshotTest {
    private final Replicas replicas = new Replicas();

    @AfterEach
    void close() {
        replicas.close();
    }

    private void fill() throws Exception {
        replicas.defined("CREATE TABLE T(ID INT PRIMARY KEY, V VARCHAR)", "CREATE INDEX IX ON T(V)");
        replicas.write("INSERT INTO T SELECT X, 'value ' || RAND() FROM SYSTEM_RANGE(1, 6000)");
    }

    @Test
    void anyDamageIsFound() throws Exception {
        fill();
        byte[] snapshot = Replicas.snapshot(replicas.leader);
        Random random = new Random(1);
        for (int i = 0; i < 12; i++) {
            byte[] damaged = snapshot.clone();
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            assertCorrupt(damaged);
            assertCorrupt(Arrays.copyOf(snapshot, random.nextInt(snapshot.length)));
        }
        assertCorrupt(new byte[0]);
        assertCorrupt(new byte[1000]);
        assertCorrupt(Arrays.copyOf(snapshot, snapshot.length - 1));
    }

    private static void assertCorrupt(byte[] snapshot) {
        assertThatThrownBy(() -> Storage.load("damaged", new ByteArrayInputStream(snapshot)))
                .isInstanceOf(CorruptSnapshotException.class);
    }

    @Test
    void readsNoFurtherThanItsEnd() throws Exception {
        fill();
        ByteArrayInputStream rest = new ByteArrayInputStream(new byte[] {42});
        SequenceInputStream in =
                new SequenceInputStream(new ByteArrayInputStream(Replicas.snapshot(replicas.leader)), rest);
        Storage.load("restored", in).close();
        assertThat(in.read()).isEqualTo(42);
    }

    @Test
    void aPinHoldsItsMomentWhileWritesAndDefinitionsGoOn() throws Exception {
        fill();
        replicas.defined("CREATE TABLE DROPPED(I INT)", "CREATE TABLE ALTERED(I INT)", "CREATE TABLE TRUNCATED(I INT)");
        for (String table : new String[] {"DROPPED", "ALTERED", "TRUNCATED"}) {
            replicas.write("INSERT INTO " + table + " SELECT X FROM SYSTEM_RANGE(1, 5000)");
        }
        Map<String, String> before = Replicas.rowHashes(replicas.leader);
        long index = replicas.index;
        try (Pin pin = replicas.leader.pin();
                Writer open = replicas.leader.openWriter();
                Statement statement = open.connection().createStatement()) {
            statement.execute("UPDATE T SET V = 'uncommitted' WHERE ID < 100");
            open.rollback();
            replicas.write("UPDATE T SET V = 'x' WHERE MOD(ID, 2) = 0", "DELETE FROM T WHERE MOD(ID, 3) = 0");
            replicas.defined(
                    "DROP TABLE DROPPED",
                    "ALTER TABLE ALTERED ADD COLUMN J INT DEFAULT 7",
                    "TRUNCATE TABLE TRUNCATED",
                    "ALTER TABLE T RENAME TO RENAMED",
                    "CREATE TABLE NEWER(I INT)");
            replicas.write("INSERT INTO NEWER VALUES(1)", "INSERT INTO ALTERED VALUES(1, 1)");
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            pin.writeTo(out);
            assertThat(pin.hashes(null, null)).isEqualTo(before);
            assertThat(pin.hashes("PUBLIC", "T")).containsOnlyKeys("PUBLIC.T");
            try (Storage restored = Storage.load("restored", new ByteArrayInputStream(out.toByteArray()))) {
                assertThat(Replicas.rowHashes(restored)).isEqualTo(before);
                assertThat(restored.appliedIndex()).isEqualTo(index).isEqualTo(pin.index());
                assertThat(restored.appliedTerm()).isEqualTo(1).isEqualTo(pin.term());
            }
        }
        replicas.assertSame();
    }

    /** What a definition on a replica does to sessions that are reading there. */
    @Test
    void readersMeetDefinitions() throws Exception {
        fill();
        replicas.defined("DROP INDEX IX"); // through an index, the running query would fail with 90143
        try (Connection connection = replicas.leader.openReader();
                Statement pinned = connection.createStatement();
                Connection other = replicas.leader.openReader();
                Statement lazy = other.createStatement()) {
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Constants.TRANSACTION_SNAPSHOT);
            pinned.executeQuery("SELECT 1");
            lazy.execute("SET LAZY_QUERY_EXECUTION 1");
            ResultSet running = lazy.executeQuery("SELECT * FROM T");
            running.next();
            replicas.defined("ALTER TABLE T ADD COLUMN J INT DEFAULT 7"); // is not blocked by either
            int rows = 1;
            while (running.next()) {
                rows++;
            }
            assertThat(rows).as("a running query goes on in the old table").isEqualTo(6000);
            ResultSet count = pinned.executeQuery("SELECT COUNT(*) FROM T");
            count.next();
            assertThat(count.getInt(1))
                    .as("a pinned snapshot then sees the new table as it is now")
                    .isEqualTo(6000);
            replicas.defined("DROP TABLE T");
            assertThatThrownBy(() -> pinned.executeQuery("SELECT COUNT(*) FROM T"))
                    .hasMessageContaining("not found");
        }
    }

    @Test
    void settingsAndLedgerAreInIt() throws Exception {
        try (Writer writer = replicas.leader.openAdminWriter();
                Statement statement = writer.connection().createStatement()) {
            statement.execute("MERGE INTO TUNABLE_INTERNAL.SETTINGS KEY(NAME) VALUES('a', 'b')");
            byte[] changes = writer.changes();
            LedgerRow row = new LedgerRow(3, 100, 77, 5, new byte[] {1, 2});
            writer.commit(row);
            replicas.follower.committed().apply(row, changes);
        }
        replicas.follower.advance(3, 103);
        replicas.reloadFollower();
        assertThat(replicas.follower.own().settings()).isEqualTo(Map.of("a", "b"));
        assertThat(replicas.follower.outcome(77, 5)).containsExactly(1, 2);
        assertThat(replicas.follower.outcome(77, 6)).isNull();
        assertThat(replicas.follower.outcome(78, 1)).isNull();
        assertThatThrownBy(() -> replicas.follower.outcome(77, 4)).hasMessageContaining("write 5 has been answered");
        assertThat(replicas.follower.appliedIndex()).isEqualTo(103);
        assertThat(replicas.follower.hasTable("TUNABLE_INTERNAL", "SETTINGS")).isTrue();
        assertThat(replicas.follower.tables()).isEmpty();
    }
}
