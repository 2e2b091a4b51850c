package io.tunabledb.engine.h2;

import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.ddl.change.SchemaChangeResult;
import io.tunabledb.engine.h2.ddl.change.SchemaVersion;
import io.tunabledb.engine.h2.ddl.rule.ShardRules;
import io.tunabledb.engine.h2.ddl.view.UnreadableViews;
import io.tunabledb.engine.h2.internals.H2Instance;
import io.tunabledb.engine.h2.row.Sequences;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sharding.ShardExpressions;
import io.tunabledb.engine.h2.sharding.ShardOf;
import io.tunabledb.engine.h2.sharding.ShardRefusedException;
import io.tunabledb.engine.h2.sharding.ShardSetting;
import io.tunabledb.engine.h2.sharding.ShardSettings;
import io.tunabledb.engine.h2.sql.SqlTokens;
import io.tunabledb.engine.h2.sql.TableName;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.db.MVTable;
import org.h2.schema.Sequence;
import org.h2.table.Column;
import org.jspecify.annotations.Nullable;

/** Definitions tried on copies of a replica's schema and rows, before anything is proposed: what is found wrong there harms nobody. */
public final class DefinitionTrials {
    private final Storage storage;
    private final H2Instance h2;
    private final ShardOf shard;
    private final Sequences sequences;
    private final TrialSchema trials;

    DefinitionTrials(Storage storage, H2Instance h2, ShardOf shard, Sequences sequences, SchemaVersion version) {
        this.storage = storage;
        this.h2 = h2;
        this.shard = shard;
        this.sequences = sequences;
        this.trials = new TrialSchema(storage, version);
    }

    /** The copy of the schema that trials without rows share. */
    TrialSchema trials() {
        return trials;
    }

    /** Why a definition does not keep to the rules of sharding; null when it does, or has nothing to do with it. */
    @Nullable
    SchemaChangeResult shardingRefusal(int type, ShardSettings settings, SchemaChange definition) throws SQLException {
        return ShardRules.concern(type, definition, settings, shard) ? new Trial(storage).refusal(definition) : null;
    }

    /**
     * Why a definition must not be proposed; null when it may be. What it says is sure to be an error wherever it is
     * executed, and likely to stop the replica. Any thread.
     *
     * @param patience how long the definition may take
     * @param reader reads the {@linkplain Storage#catalog catalog} that the definition makes, as whoever executes it will
     */
    public @Nullable SchemaChangeResult preflight(
            SchemaChange definition, Duration patience, Consumer<Map<String, String>> reader) {
        return new Preflight(trials, reader).refusal(definition, patience);
    }

    /** On a trial copy: why what the schema computes would differ from shard to shard, or null. */
    @Nullable
    String expressionRefusal(Map<MVTable, ShardSetting> tables) {
        if (tables.isEmpty()) {
            return null;
        }
        ShardExpressions expressions = new ShardExpressions(tables);
        String refusal = expressions.refusal(Tables.replicated(storage.database()));
        return refusal == null ? expressions.refusal(storage.database()) : refusal;
    }

    /**
     * On a trial copy: why nobody could read one of its views, or null.
     *
     * @param anew whether they may have become others, which H2 finds out when it opens them again
     */
    @Nullable
    String viewRefusal(boolean anew) throws SQLException {
        return storage.own()
                .look(connection -> UnreadableViews.refusal(connection, anew))
                .orElse(null);
    }

    /** On a trial copy: as if the log had said so. */
    void moveSequences(ToLongFunction<Sequence> to) {
        sequences.moveAll(storage.appliedTerm(), to);
    }

    /** On a trial copy: the rules are looked at afterwards. */
    SchemaChangeResult defineUntried(LedgerRow row, SchemaChange definition, Duration patience) {
        try (Definer definer = storage.openDefiner()) {
            return definer.defineUnruled(row, definition, patience);
        } catch (SQLException e) {
            throw new IllegalStateException("can't open a storage session for a definition", e);
        }
    }

    /** Whether a definition may fail on what rows a shard has, or on where its sequences stand. */
    public static boolean dependsOnRows(SchemaChange definition) {
        return definition.sql().isEmpty()
                || SqlTokens.startsWith(definition.sql(), "ALTER")
                || SqlTokens.startsWith(definition.sql(), "CREATE", "UNIQUE");
    }

    /**
     * What a definition would come to here, tried on a copy of the schema and of the rows of the tables it concerns. Changes
     * nothing. Meant for a leader whose {@link Definer} keeps writers out meanwhile; on any thread, but not while another
     * definition is executed.
     *
     * @param maxRows how many rows may be copied
     * @return null when there are more rows
     */
    public @Nullable SchemaChangeResult tryDefinition(SchemaChange definition, long maxRows) throws SQLException {
        return tryDefinition(definition, maxRows, Duration.ZERO);
    }

    /** The same, refused when it takes longer than it may. */
    public @Nullable SchemaChangeResult tryDefinition(SchemaChange definition, long maxRows, Duration patience)
            throws SQLException {
        return tryDefinition(definition, false, maxRows, patience);
    }

    /** The same, with the rows of all tables if {@code ofAll}. */
    @Nullable
    SchemaChangeResult tryDefinition(SchemaChange definition, boolean ofAll, long maxRows, Duration patience)
            throws SQLException {
        try (JdbcConnection connection = h2.open(H2Instance.Role.ADMIN)) {
            return new Trial(storage, patience).withRows(definition, H2Instance.session(connection), ofAll, maxRows);
        }
    }

    /**
     * The statement that moves a table's identity column, in every shard, to where it is in this one; null when the table
     * has none. A table that is to be sharded begins with it: the other shards have not given any of its values yet.
     */
    public @Nullable String identityRestart(TableName name) {
        MVTable table = Tables.lookUp(storage.database(), name);
        Column[] columns = table == null ? new Column[0] : table.getColumns();
        for (Column column : columns) {
            Sequence sequence = column.getSequence();
            if (table != null && sequence != null) {
                return "ALTER TABLE " + table.getSQL(0) + " ALTER COLUMN " + column.getSQL(0) + " RESTART WITH "
                        + sequence.getBaseValue();
            }
        }
        return null;
    }

    /**
     * What has to go to other shards before a table can be sharded as {@code sharding}, the setting's text, says. Any thread,
     * while nobody changes the table. The caller closes it.
     *
     * @throws SQLException 42S02: there is no such table
     */
    public Departures departures(TableName table, String sharding) throws SQLException {
        JdbcConnection connection = h2.open(H2Instance.Role.ADMIN);
        try {
            return new Departures(storage, connection, shard, table, sharding);
        } catch (ShardRefusedException e) {
            connection.close();
            throw new SQLException(e.refusal(), "TC005", e);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    void close() {
        trials.close();
    }
}
