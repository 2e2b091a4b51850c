package io.tunabledb.engine.h2;

import io.tunabledb.engine.h2.ddl.move.MoveRule;
import io.tunabledb.engine.h2.ddl.move.MovedIdentity;
import io.tunabledb.engine.h2.ddl.move.MovedRows;
import io.tunabledb.engine.h2.internals.H2Instance;
import io.tunabledb.engine.h2.row.Rows;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sharding.ShardOf;
import io.tunabledb.engine.h2.sharding.ShardRefusedException;
import io.tunabledb.engine.h2.sharding.ShardSetting;
import io.tunabledb.engine.h2.sharding.ShardSettings;
import io.tunabledb.engine.h2.sql.TableName;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.db.MVTable;
import org.h2.mvstore.tx.TransactionMap;
import org.h2.result.Row;
import org.h2.result.SearchRow;
import org.jspecify.annotations.Nullable;

/** What a shard has to send to others before a table can be sharded in another way. No session may change the table meanwhile. */
public final class Departures implements AutoCloseable {
    private final JdbcConnection connection;
    private final SessionLocal session;
    private final MVTable table;
    private final ShardOf here;
    private final MoveRule rule;

    Departures(Storage storage, JdbcConnection connection, ShardOf here, TableName name, String to)
            throws SQLException {
        this.connection = connection;
        this.session = H2Instance.session(connection);
        this.here = here;
        connection.setAutoCommit(false);
        MVTable found = Tables.lookUp(storage.database(), name);
        if (found == null) {
            throw new SQLException("table " + name + " not found", "42S02");
        }
        table = found;
        ShardSettings settings = ShardSettings.read(connection);
        String from = Objects.requireNonNullElse(settings.textOf(table), ShardSetting.SINGLE);
        rule = new MoveRule(here, table, from, to, settings.buckets());
    }

    /** Takes what is sent. */
    @FunctionalInterface
    public interface Road {
        /** Some rows for a shard. */
        void send(int shard, int rows, byte[] chunk) throws SQLException;
    }

    /** The highest row key there is; 0 without rows. */
    public long lastRowKey() {
        session.lock();
        try {
            Long last = Rows.of(table, session).lastKey();
            return last == null ? 0 : last;
        } finally {
            session.unlock();
        }
    }

    /** Where the table's identity column stands here; null when it has none, or other shards' is the one that counts. */
    public @Nullable MovedIdentity identity() {
        return rule.isSharded() || here.shard() == 0 ? MovedIdentity.of(table, here, rule.isSharded()) : null;
    }

    /** As a chunk, for every shard. */
    public static byte[] encode(MovedIdentity identity) {
        return MovedRows.encode(identity);
    }

    /**
     * Sends every row that has to go, in chunks.
     *
     * @param firstKey the first row key no row of any shard has
     * @param chunkBytes about how large a chunk is; one row can be larger
     * @return the first row key that is free then
     * @throws SQLException TC005: a row belongs to no shard; or what {@code road} throws
     */
    public long send(long firstKey, int chunkBytes, Road road) throws SQLException {
        Map<Integer, MovedRows> chunks = new TreeMap<>();
        TransactionMap<Long, SearchRow> rows = Rows.of(table, session);
        var entries = rows.entryIterator(null, null, false);
        long nextKey = firstKey;
        try {
            for (var entry = entries.fetchNext(); entry != null; entry = entries.fetchNext()) {
                Row row = (Row) entry.getValue();
                List<Integer> targets = rule.targets(row);
                if (targets.isEmpty()) {
                    continue;
                }
                long key = rule.keepsRowKeys() ? entry.getKey() : nextKey++;
                for (int target : targets) {
                    MovedRows chunk = chunks.computeIfAbsent(target, any -> new MovedRows());
                    chunk.add(key, row);
                    if (chunk.bytes() >= chunkBytes) {
                        road.send(target, chunk.count(), chunk.take());
                    }
                }
            }
        } catch (ShardRefusedException e) {
            throw new SQLException(e.refusal(), "TC005", e);
        }
        for (Map.Entry<Integer, MovedRows> rest : chunks.entrySet()) {
            if (rest.getValue().count() > 0) {
                road.send(
                        rest.getKey(), rest.getValue().count(), rest.getValue().take());
            }
        }
        return nextKey;
    }

    @Override
    public void close() {
        H2Instance.close(connection);
    }
}
