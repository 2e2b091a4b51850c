package io.tunabledb.engine.h2;

import io.tunabledb.engine.h2.catalog.Arrivals;
import io.tunabledb.engine.h2.catalog.DecidedRow;
import io.tunabledb.engine.h2.catalog.EpochRow;
import io.tunabledb.engine.h2.catalog.EpochTable;
import io.tunabledb.engine.h2.catalog.InternalSchema;
import io.tunabledb.engine.h2.catalog.Ledger;
import io.tunabledb.engine.h2.catalog.OutboxTables;
import io.tunabledb.engine.h2.catalog.PreparedRow;
import io.tunabledb.engine.h2.catalog.RejectedWrite;
import io.tunabledb.engine.h2.catalog.SettingsTable;
import io.tunabledb.engine.h2.catalog.TwoPhaseTables;
import io.tunabledb.engine.h2.internals.H2Instance;
import io.tunabledb.engine.h2.sharding.ShardSettings;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.h2.jdbc.JdbcConnection;

/** The engine's own tables in a replica's storage, as last committed. Any thread. */
public final class OwnTables {
    private final H2Instance h2;

    OwnTables(H2Instance h2) {
        this.h2 = h2;
    }

    /** Makes them in a new database. */
    static void create(JdbcConnection admin) throws SQLException {
        try (Statement statement = admin.createStatement()) {
            InternalSchema.create(H2Instance.session(admin));
            statement.execute(Ledger.CREATE);
            statement.execute(SettingsTable.CREATE);
            statement.execute(OutboxTables.CREATE_MARKS);
            statement.execute(OutboxTables.CREATE_REJECTED);
            statement.execute(TwoPhaseTables.CREATE_PREPARED);
            statement.execute(TwoPhaseTables.CREATE_DECIDED);
            statement.execute(Arrivals.CREATE);
            statement.execute(EpochTable.CREATE);
        }
    }

    /** A look at the engine's own tables. */
    @FunctionalInterface
    interface Look<T> {
        T at(JdbcConnection connection) throws SQLException;
    }

    <T> T look(Look<T> look) throws SQLException {
        try (JdbcConnection connection = h2.open(H2Instance.Role.ADMIN)) {
            return look.at(connection);
        }
    }

    /** The engine's settings, as last committed. */
    public Map<String, String> settings() throws SQLException {
        return look(SettingsTable::read);
    }

    ShardSettings shardSettings() throws SQLException {
        return look(ShardSettings::read);
    }

    /** Where the shard is in the order of cuts. */
    public EpochRow epochs() throws SQLException {
        return look(EpochTable::read);
    }

    /** The transactions prepared here whose end is not known, in the order they were prepared in. */
    public List<PreparedRow> prepared() throws SQLException {
        return look(TwoPhaseTables::prepared);
    }

    /** The transactions decided here that some participant may not have committed, in the order they were decided in. */
    public List<DecidedRow> decided() throws SQLException {
        return look(TwoPhaseTables::decided);
    }

    /** The last number carried out of every outbox, by incarnation. */
    public Map<Long, Long> outboxMarks() throws SQLException {
        return look(OutboxTables::marks);
    }

    /** The weak writes that failed when their turn came, oldest first. */
    public List<RejectedWrite> rejectedWrites() throws SQLException {
        return look(OutboxTables::rejected);
    }
}
