package io.tunabledb.engine.execute.outbox;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.StatementOptions;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.session.StorageStatement;
import io.tunabledb.engine.h2.codec.BoundValues;
import io.tunabledb.engine.outbox.OutboxEntry;
import io.tunabledb.engine.shard.Reader;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.sql.RowCount;
import io.tunabledb.sql.Statement;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * Prepares weak writes and binds their values on a replica near by, which finds what is wrong with them and says how many
 * rows they would change there. Nothing is executed.
 */
final class WeakBinding implements AutoCloseable {
    private static final int MAX_COUNTS = 32;
    /** SQLSTATEs of statements that name what is not there begin so. */
    private static final String NAMES_NOTHING = "42";

    private static final Duration ASKING = Duration.ofMillis(500);
    private static final int KEPT_CHARACTERS = 1 << 20;
    private static final Cache<String, RowCount> ROW_COUNTS = Caffeine.newBuilder()
            .maximumWeight(KEPT_CHARACTERS)
            .weigher((String text, RowCount count) -> text.length() + 256)
            .build();

    private final SessionState state;
    private final Map<String, StorageStatement> counts = new LinkedHashMap<>(16, 0.75f, true);

    WeakBinding(SessionState state) {
        this.state = state;
    }

    /** One statement with its values, and how many rows it would change here. */
    record Bound(OutboxEntry.Step step, long count) {}

    /**
     * Binds on the node's own replica. What that finds wrong may only be wrong there: so a majority is asked how far the
     * log is, and the replica tried again when it is there. One that can ask no other, and knows that it lacks something,
     * takes the values unchecked; what is wrong will be in TUNABLE.REJECTED_WRITES.
     */
    Bound bind(OutboxPath.WeakWrite weak, Parameters parameters, Replica local, Deadline deadline) throws SQLException {
        try {
            return bindNow(weak, parameters, local, deadline);
        } catch (SQLException e) {
            String state = Objects.requireNonNullElse(e.getSQLState(), "");
            if (!state.startsWith(NAMES_NOTHING)) {
                throw e;
            }
            if (catchUp(local, deadline)) {
                return bindNow(weak, parameters, local, deadline);
            }
            if (!isBehind(local)) {
                throw e;
            }
            return bindUnchecked(weak, parameters, local);
        }
    }

    private static boolean catchUp(Replica local, Deadline deadline) throws SQLException {
        Deadline soon = deadline.atMost(ASKING);
        try {
            long index = soon.await(local.readIndex());
            return local.awaitApplied(index, deadline);
        } catch (ExecutionException | TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            throw Refusals.interrupted(e);
        }
    }

    /** It was started again, and no leader has told it yet how much of its log is committed; or it was wiped. */
    private static boolean isBehind(Replica local) {
        return local.applied() == 0 || local.status().lastIndex() > local.applied();
    }

    private Bound bindUnchecked(OutboxPath.WeakWrite weak, Parameters parameters, Replica local) throws SQLException {
        Reader reader = state.at(local.shard()).reader(local);
        // takes as many values as the statement does, of any type
        String text =
                "SELECT 1 WHERE FALSE" + " OR ? IS NULL".repeat(weak.statement().parameterCount());
        try (PreparedStatement statement =
                reader.connection(Reader.Mode.COMMITTED).prepareStatement(text)) {
            parameters.bind(statement);
            byte[] values = BoundValues.encode(statement);
            return new Bound(
                    new OutboxEntry.Step(weak.statement().text(), values),
                    rowCount(weak.statement()).rows());
        }
    }

    private Bound bindNow(OutboxPath.WeakWrite weak, Parameters parameters, Replica local, Deadline deadline)
            throws SQLException {
        Reader reader = state.at(local.shard()).reader(local);
        try {
            if (!reader.enter(weak.write().tables(), deadline)) {
                throw Refusals.blockedByDefinition(state.at(local.shard()));
            }
        } catch (InterruptedException e) {
            throw Refusals.interrupted(e);
        }
        try {
            reader.readmit();
            PreparedStatement statement = weak.write().query().on(reader, Reader.Mode.COMMITTED);
            parameters.bind(statement);
            byte[] values = BoundValues.encode(statement);
            long count = count(weak.statement(), statement, reader);
            return new Bound(new OutboxEntry.Step(weak.statement().text(), values), count);
        } finally {
            reader.exit();
        }
    }

    private long count(Statement.Sql statement, PreparedStatement bound, Reader reader) throws SQLException {
        RowCount count = rowCount(statement);
        String text = count.query();
        if (text == null) {
            return count.rows();
        }
        PreparedStatement counting = counting(text).on(reader, Reader.Mode.COMMITTED);
        BoundValues.copyLast(bound, counting);
        reader.running(counting);
        state.activate(reader);
        try (ResultSet rows = counting.executeQuery()) {
            rows.next();
            return rows.getLong(1);
        } catch (SQLException e) {
            if (reader.wasEvicted()) {
                throw Refusals.rolledBack("a schema change could not wait for the statement any longer", e);
            }
            throw e;
        } finally {
            reader.idle();
        }
    }

    private static RowCount rowCount(Statement.Sql statement) {
        return Objects.requireNonNull(ROW_COUNTS.get(statement.text(), text -> RowCount.of(statement)));
    }

    private StorageStatement counting(String text) {
        StorageStatement known = counts.get(text);
        if (known != null) {
            return known;
        }
        if (counts.size() >= MAX_COUNTS) {
            var eldest = counts.values().iterator();
            eldest.next().close();
            eldest.remove();
        }
        StorageStatement fresh = new StorageStatement(text, StatementOptions.DEFAULT);
        counts.put(text, fresh);
        return fresh;
    }

    @Override
    public void close() {
        counts.values().forEach(StorageStatement::close);
        counts.clear();
    }
}
