package io.tunabledb.engine.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.api.StatementOptions;
import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.codec.BoundValues;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.internals.H2Instance;
import io.tunabledb.engine.h2.internals.H2Tree;
import io.tunabledb.engine.h2.statement.KeptResults;
import java.lang.ref.WeakReference;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.h2.command.query.Query;
import org.h2.engine.Database;
import org.h2.jdbc.JdbcConnection;
import org.h2.result.ResultInterface;
import org.junit.jupiter.api.Test;

final class StorageTest {
    @Test
    void aCommittedTransactionIsAppliedElsewhere() throws Exception {
        try (Storage leader = Storage.create("a");
                Storage follower = Storage.create("b")) {
            SchemaChange ddl = new SchemaChange(
                    "PUBLIC", "CREATE TABLE T(ID BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, V VARCHAR UNIQUE)");
            assertThat(leader.define(LedgerRow.unasked(1, 1), ddl).ok()).isTrue();
            assertThat(follower.define(LedgerRow.unasked(1, 1), ddl).ok()).isTrue();
            try (Writer writer = leader.openWriter();
                    Statement statement = writer.connection().createStatement()) {
                assertThat(writer.changes()).isNull();
                statement.execute("INSERT INTO T(V) VALUES('a'), ('b'), ('c')");
                statement.execute("UPDATE T SET V = CASE V WHEN 'a' THEN 'b' ELSE 'a' END WHERE V < 'c'");
                statement.execute("DELETE FROM T WHERE V = 'c'");
                byte[] changes = writer.changes();
                assertThat(changes).isNotNull();
                LedgerRow row = new LedgerRow(1, 2, 7, 1, new byte[] {42});
                follower.committed().apply(row, changes);
                writer.commit(row);
                assertThat(writer.changes()).isNull();
            }
            assertThat(follower.outcome(7, 1)).containsExactly(42);
            assertThat(follower.outcome(7, 2)).isNull();
            try (var reader = follower.openReader();
                    Statement statement = reader.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT ID, V FROM T ORDER BY ID")) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getString(2)).isEqualTo("b");
            }
            try (Writer writer = follower.openWriter();
                    Statement statement = writer.connection().createStatement()) {
                statement.executeUpdate("INSERT INTO T(V) VALUES('z')", Statement.RETURN_GENERATED_KEYS);
                ResultSet keys = statement.getGeneratedKeys();
                keys.next();
                assertThat(keys.getLong(1)).isEqualTo(4);
            }
        }
    }

    /** Once for each of the rows it would take many minutes. */
    @Test
    void aSubqueryThatIsTheSameForEveryRowRunsOnce() throws Exception {
        try (Storage storage = Storage.create("a");
                Writer writer = storage.openWriter();
                Connection reader = storage.openReader()) {
            storage.define(LedgerRow.unasked(1, 1), new SchemaChange("PUBLIC", "CREATE TABLE T(V BIGINT)"));
            try (Statement statement = writer.connection().createStatement()) {
                statement.execute("INSERT INTO T SELECT X FROM SYSTEM_RANGE(1, 2000)");
            }
            writer.commit(LedgerRow.unasked(1, 2));
            try (PreparedStatement query = reader.prepareStatement(
                    "SELECT COUNT(*) FROM T WHERE V + 3998000 >="
                            + " (SELECT COUNT(*) FROM T A CROSS JOIN T B) AND V IN (SELECT MOD(A.V * B.V, 2001) FROM T A CROSS JOIN T B)")) {
                KeptResults.none(query);
                query.setQueryTimeout(60);
                for (int i = 0; i < 2; i++) {
                    try (ResultSet rows = query.executeQuery()) {
                        rows.next();
                        assertThat(rows.getInt(1)).isOne();
                    }
                }
            }
        }
    }

    @Test
    void onlyCostlyResultsOfFewRowsAreKept() throws Exception {
        try (Storage storage = Storage.create("a");
                Writer writer = storage.openWriter();
                Connection reader = storage.openReader()) {
            storage.define(
                    LedgerRow.unasked(1, 1), new SchemaChange("PUBLIC", "CREATE TABLE T(ID INT PRIMARY KEY, V INT)"));
            try (Statement statement = writer.connection().createStatement()) {
                statement.execute("INSERT INTO T SELECT X, X FROM SYSTEM_RANGE(1, 1001)");
            }
            writer.commit(LedgerRow.unasked(1, 2));
            assertThat(keptRows(reader, "SELECT V FROM T WHERE ID = 7")).isZero();
            assertThat(keptRows(reader, "SELECT MAX(V) FROM T")).isOne();
            assertThat(keptRows(reader, "SELECT V FROM T WHERE V > 1")).isEqualTo(1000);
            assertThat(keptRows(reader, "SELECT V FROM T")).isZero();
        }
    }

    /** A prepared statement is described before it runs; that must not make it slower than its text. */
    @Test
    void whatWasDescribedKeepsItsResult() throws Exception {
        try (Storage storage = Storage.create("a");
                Connection reader = storage.openReader();
                io.tunabledb.engine.execute.session.StorageStatement query =
                        new io.tunabledb.engine.execute.session.StorageStatement(
                                "SELECT MAX(V) FROM T", StatementOptions.DEFAULT)) {
            storage.define(
                    LedgerRow.unasked(1, 1), new SchemaChange("PUBLIC", "CREATE TABLE T(ID INT PRIMARY KEY, V INT)"));
            PreparedStatement described = query.describedOn(reader);
            described.executeQuery().close();
            ResultInterface kept = H2Tree.LAST_RESULT.of(
                    H2Tree.PREPARED.of(BoundValues.command(described), Query.class), ResultInterface.class);
            assertThat(kept).isNotNull();
        }
    }

    /** How many rows it holds after its execution. */
    private static long keptRows(Connection reader, String sql) throws Exception {
        try (PreparedStatement query = reader.prepareStatement(sql)) {
            boolean keeps = KeptResults.ofCostly(query);
            query.executeQuery().close();
            if (keeps) {
                KeptResults.letGoOfLarge(query);
            }
            ResultInterface kept = H2Tree.LAST_RESULT.of(
                    H2Tree.PREPARED.of(BoundValues.command(query), Query.class), ResultInterface.class);
            return kept == null ? 0 : kept.getRowCount();
        }
    }

    /** H2 keeps what belongs to a connection that nobody closed for as long as the JVM runs. */
    @Test
    void aClosedStorageIsGarbage() throws Exception {
        WeakReference<Database> closed = openAndClose();
        Awaitility.await("the database to be collected")
                .atMost(Duration.ofSeconds(20))
                .until(() -> {
                    System.gc();
                    return closed.get() == null;
                });
    }

    private static WeakReference<Database> openAndClose() throws Exception {
        Storage storage = Storage.create("closed");
        Writer abandoned = storage.openWriter();
        abandoned.connection().createStatement().execute("SELECT 1");
        // its transaction never ends
        abandoned.handTo(() -> {}, () -> {});
        abandoned.abandon();
        WeakReference<Database> database = new WeakReference<>(
                H2Instance.session((JdbcConnection) abandoned.connection()).getDatabase());
        storage.close();
        return database;
    }
}
