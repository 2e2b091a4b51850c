package io.tunabledb.engine.h2.ddl;

import io.tunabledb.engine.h2.catalog.Ledger;
import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.ddl.change.SchemaChangeBlockedException;
import io.tunabledb.engine.h2.ddl.change.SchemaChangeResult;
import io.tunabledb.engine.h2.ddl.change.SchemaVersion;
import io.tunabledb.engine.h2.ddl.move.TableMove;
import io.tunabledb.engine.h2.ddl.rule.SchemaChangeRules;
import io.tunabledb.engine.h2.internals.AllKeywords;
import io.tunabledb.engine.h2.internals.H2Instance;
import io.tunabledb.engine.h2.internals.LocalFailures;
import io.tunabledb.engine.h2.internals.ObjectIds;
import io.tunabledb.engine.h2.internals.SchemaExpressions;
import io.tunabledb.engine.h2.row.Sequences;
import io.tunabledb.engine.h2.sharding.ShardSettings;
import io.tunabledb.engine.h2.snapshot.StaleNames;
import io.tunabledb.engine.h2.snapshot.UnwrittenObjects;
import io.tunabledb.engine.h2.sql.SequenceName;
import io.tunabledb.engine.h2.sql.SqlTokens;
import io.tunabledb.engine.h2.statement.SessionNames;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.h2.api.ErrorCode;
import org.h2.command.CommandInterface;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.message.DbException;
import org.h2.mvstore.db.MVTable;
import org.h2.schema.Sequence;
import org.h2.util.TimeZoneProvider;
import org.jspecify.annotations.Nullable;

/** Executes definitions: the same on every replica, whatever their sessions are doing. */
public final class Definitions {
    private final H2Instance h2;
    private final Ledger ledger;
    private final Sequences sequences;
    private final ShardTables shards;
    private final TableMove move;
    private final SchemaVersion version;

    public Definitions(
            H2Instance h2,
            Ledger ledger,
            Sequences sequences,
            ShardTables shards,
            TableMove move,
            SchemaVersion version) {
        this.h2 = h2;
        this.ledger = ledger;
        this.sequences = sequences;
        this.shards = shards;
        this.move = move;
        this.version = version;
    }

    /** What sharding has against a definition, before anything is done. */
    public interface ShardingCheck {
        /**
         * The answer it gets; null when it may be executed.
         *
         * @param type the statement's, as H2 numbers them
         * @param settings what tables are sharded
         */
        @Nullable
        SchemaChangeResult refusal(int type, ShardSettings settings, SchemaChange definition) throws SQLException;
    }

    public SchemaChangeResult execute(
            JdbcConnection connection,
            LedgerRow row,
            SchemaChange definition,
            Function<SchemaChangeResult, byte[]> outcome,
            ShardingCheck sharding) {
        SessionLocal session = H2Instance.session(connection);
        session.lock();
        try {
            Map<Sequence, Sequences.Position> ahead = sequences.settle();
            SchemaChangeResult unset = set(connection, definition);
            SchemaChangeResult refusal = unset == null ? refusal(connection, definition, sharding) : unset;
            SchemaChangeResult result = refusal == null ? changeSchema(connection, definition) : refusal;
            SessionNames.Kept.FRESH.putInto(connection);
            sequences.defined(row.term(), row.index(), ahead, restarted(definition.sql()));
            h2.grant();
            LedgerRow answered = row.withOutcome(outcome.apply(result));
            ledger.insert(session, answered);
            session.commit(false);
            ledger.applied(answered);
            return result;
        } catch (SQLException e) {
            throw new IllegalStateException("can't apply entry " + row.index() + ": " + e.getMessage(), e);
        } finally {
            session.unlock();
        }
    }

    /** Which sequences a text tells where to begin again. Only what is ahead of the log hangs on it, so not on replicas. */
    private static Predicate<SequenceName> restarted(String sql) {
        Set<String> words = new HashSet<>();
        SqlTokens.of(sql).forEach(token -> words.add(token.text()));
        return name -> words.contains("RESTART") && words.contains(name.table().isEmpty() ? name.name() : name.table());
    }

    /** The apply thread's session is everybody's: what one definition is executed under, the next is not. */
    private static @Nullable SchemaChangeResult set(JdbcConnection connection, SchemaChange definition)
            throws SQLException {
        SessionNames.Kept.FRESH.putInto(connection);
        H2Instance.session(connection).setTimeZone(TimeZoneProvider.ofId(definition.timeZone()));
        try (Statement statement = connection.createStatement()) {
            for (String set : definition.sets()) {
                statement.execute(set);
            }
            return null;
        } catch (SQLException e) {
            return failed(connection, definition, e);
        }
    }

    private @Nullable SchemaChangeResult refusal(
            JdbcConnection connection, SchemaChange definition, ShardingCheck sharding) throws SQLException {
        SessionLocal session = H2Instance.session(connection);
        try {
            connection.setSchema(definition.schema());
            int type = CommandInterface.NO_OPERATION;
            Set<MVTable> reads = Set.of();
            if (!definition.sql().isEmpty()) {
                String refusal = SchemaChangeRules.refusalToCompile(session, definition);
                if (refusal != null) {
                    return SchemaChangeResult.refused(refusal);
                }
                SchemaChangeRules rules = SchemaChangeRules.of(session, definition);
                refusal = rules.refusal();
                if (refusal != null) {
                    return SchemaChangeResult.refused(refusal);
                }
                type = rules.type();
                reads = rules.reads();
            }
            ShardSettings settings = ShardSettings.read(connection);
            String spread = shards.readsRefusal(settings, reads);
            if (spread != null) {
                return SchemaChangeResult.refused(spread);
            }
            SchemaChangeResult refusal = sharding.refusal(type, settings, definition);
            String rows = refusal != null
                    ? null
                    : shards.rowsRefusal(
                            session, settings, new TableSettings(session.getDatabase()).brought(definition));
            return rows == null ? refusal : SchemaChangeResult.refused(rows);
        } catch (SQLException e) {
            return failed(connection, definition, e);
        } catch (DbException e) {
            return SchemaChangeResult.failed(e.getSQLException());
        }
    }

    private SchemaChangeResult changeSchema(JdbcConnection connection, SchemaChange definition) throws SQLException {
        SchemaChange executed = null;
        Database database = H2Instance.session(connection).getDatabase();
        ObjectIds ids = new ObjectIds(database);
        // H2 does not count comments; who looks at the schema meanwhile must see that it was not the same all the time
        database.getNextModificationMetaId();
        version.begin();
        ids.holdGaps();
        try {
            SchemaChangeResult result = carryOut(connection, definition);
            executed = result.ok() ? definition : null;
            return result;
        } finally {
            ids.giveBack();
            version.end(executed);
        }
    }

    /** All but the client's own text is the engine's or H2's. */
    private SchemaChangeResult carryOut(JdbcConnection connection, SchemaChange definition) throws SQLException {
        SessionLocal session = H2Instance.session(connection);
        BitSet freed = session.getNonKeywords();
        return AllKeywords.in(session, () -> carryOut(connection, definition, freed));
    }

    private SchemaChangeResult carryOut(JdbcConnection connection, SchemaChange definition, @Nullable BitSet freed)
            throws SQLException {
        SessionLocal session = H2Instance.session(connection);
        IndexNames names = new IndexNames(session.getDatabase());
        CopiedTables copies = new CopiedTables(session.getDatabase());
        UnwrittenObjects unwritten = new UnwrittenObjects(session.getDatabase());
        TableSettings settings = new TableSettings(session.getDatabase());
        Map<String, String> brought = settings.brought(definition);
        ShardTables.Before before = shards.before(connection, definition);
        SchemaChangeResult result;
        try {
            result = run(connection, definition, brought, freed);
        } catch (SQLException | RuntimeException | Error e) {
            settleAfter(e, connection, before);
            throw e;
        }
        if (!result.ok()) {
            copies.dropLeft(connection);
            unwritten.settle(session);
        }
        names.settle(session);
        new StaleNames(session.getDatabase()).settle(session, definition.sql());
        new StaleColumns(session.getDatabase()).settle();
        settings.settle(connection);
        if (result.ok()) {
            move.execute(session, before.settings(), brought);
            put(connection, brought);
        }
        SchemaExpressions.separate(session.getDatabase());
        shards.after(connection, before);
        return result;
    }

    /** Where the failure has ended the database, nothing can be settled, and it is the failure that says why. */
    private void settleAfter(Throwable failure, JdbcConnection connection, ShardTables.Before before) {
        try {
            shards.after(connection, before);
        } catch (SQLException | RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    private static void put(JdbcConnection connection, Map<String, String> brought) throws SQLException {
        for (Map.Entry<String, String> setting : brought.entrySet()) {
            if (setting.getKey().equals(ShardSettings.FROZEN)) {
                TableSettings.removeAll(connection, ShardSettings.FROZEN);
            } else if (setting.getValue().isEmpty()) {
                TableSettings.remove(connection, setting.getKey());
            } else {
                TableSettings.put(connection, setting.getKey(), setting.getValue());
            }
        }
    }

    private SchemaChangeResult run(
            JdbcConnection connection, SchemaChange definition, Map<String, String> brought, @Nullable BitSet freed)
            throws SQLException {
        try {
            shards.requireKeys(connection, brought);
            long count = definition.sql().isEmpty() ? 0 : execute(connection, definition.sql(), freed);
            shards.requireKeys(connection, brought);
            return SchemaChangeResult.done(count);
        } catch (SQLException e) {
            return failed(connection, definition, e);
        } catch (DbException e) {
            return SchemaChangeResult.failed(e.getSQLException());
        }
    }

    /** Compiles it with the words that its session has freed, and executes it without: then H2 makes texts of its own. */
    private static long execute(JdbcConnection connection, String sql, @Nullable BitSet freed) throws SQLException {
        SessionLocal session = H2Instance.session(connection);
        session.setNonKeywords(freed);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            session.setNonKeywords(null);
            SessionNames.keepCompiled(statement);
            return statement.executeLargeUpdate();
        } finally {
            session.setNonKeywords(null);
        }
    }

    private static SchemaChangeResult failed(JdbcConnection connection, SchemaChange definition, SQLException e)
            throws SQLException {
        if (e.getErrorCode() == ErrorCode.LOCK_TIMEOUT_1 || e.getErrorCode() == ErrorCode.DEADLOCK_1) {
            connection.rollback();
            throw new SchemaChangeBlockedException("locked by another session: " + definition.sql(), e);
        }
        if (LocalFailures.isOne(e)) {
            throw new IllegalStateException("storage failed: " + e.getMessage(), e);
        }
        return SchemaChangeResult.failed(e);
    }
}
