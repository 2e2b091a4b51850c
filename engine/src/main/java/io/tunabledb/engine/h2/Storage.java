package io.tunabledb.engine.h2;

import io.tunabledb.engine.h2.catalog.Arrivals;
import io.tunabledb.engine.h2.catalog.DecidedRow;
import io.tunabledb.engine.h2.catalog.EpochRow;
import io.tunabledb.engine.h2.catalog.EpochTable;
import io.tunabledb.engine.h2.catalog.InternalSchema;
import io.tunabledb.engine.h2.catalog.Ledger;
import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.catalog.OutboxTables;
import io.tunabledb.engine.h2.catalog.PreparedRow;
import io.tunabledb.engine.h2.catalog.RejectedWrite;
import io.tunabledb.engine.h2.catalog.SettingsTable;
import io.tunabledb.engine.h2.catalog.SystemSchema;
import io.tunabledb.engine.h2.catalog.TwoPhaseTables;
import io.tunabledb.engine.h2.ddl.DefiningSessions;
import io.tunabledb.engine.h2.ddl.Definitions;
import io.tunabledb.engine.h2.ddl.EffectSettings;
import io.tunabledb.engine.h2.ddl.SchemaChange;
import io.tunabledb.engine.h2.ddl.SchemaChangeBlockedException;
import io.tunabledb.engine.h2.ddl.SchemaChangeResult;
import io.tunabledb.engine.h2.ddl.SchemaVersion;
import io.tunabledb.engine.h2.ddl.ShardRules;
import io.tunabledb.engine.h2.ddl.ShardTables;
import io.tunabledb.engine.h2.ddl.TableMove;
import io.tunabledb.engine.h2.ddl.TableUses;
import io.tunabledb.engine.h2.ddl.UnreadableViews;
import io.tunabledb.engine.h2.ddl.Views;
import io.tunabledb.engine.h2.internals.H2Instance;
import io.tunabledb.engine.h2.internals.ReservedNames;
import io.tunabledb.engine.h2.internals.SchemaExpressions;
import io.tunabledb.engine.h2.internals.SqlTokens;
import io.tunabledb.engine.h2.internals.TableName;
import io.tunabledb.engine.h2.readset.KeyCatalog;
import io.tunabledb.engine.h2.row.ChangeSet;
import io.tunabledb.engine.h2.row.Sequences;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sharding.ShardColumns;
import io.tunabledb.engine.h2.sharding.ShardExpressions;
import io.tunabledb.engine.h2.sharding.ShardOf;
import io.tunabledb.engine.h2.sharding.ShardRefusedException;
import io.tunabledb.engine.h2.sharding.ShardSetting;
import io.tunabledb.engine.h2.sharding.ShardSettings;
import io.tunabledb.engine.h2.snapshot.CorruptSnapshotException;
import io.tunabledb.engine.h2.snapshot.Pin;
import io.tunabledb.engine.h2.snapshot.SchemaObjects;
import io.tunabledb.engine.h2.snapshot.SnapshotLoad;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.db.MVTable;
import org.h2.schema.Sequence;
import org.h2.table.Column;
import org.h2.table.TableView;
import org.jspecify.annotations.Nullable;

/**
 * One replica's tables: an in-memory H2 database of its own. Sessions read and, on the leader, write through the
 * connections it opens; what the log has committed comes in through {@link #apply}, {@link #define} and {@link
 * Writer#commit}, called by one thread at a time and called the apply thread here.
 *
 * <p>A {@link RuntimeException} on the apply thread means this replica's state is broken or its memory is full: it has
 * to be closed and rebuilt. Exceptions to that are documented.
 */
public final class Storage implements AutoCloseable {

    private final H2Instance h2;
    private final SystemSchema system;
    private final Database database;
    private final JdbcConnection applyConnection;
    private final SessionLocal applySession;
    private final Tables applyTables;
    private final Ledger ledger;
    private final Sequences sequences;
    private final String label;
    private final ShardOf shard;
    private final ShardTables shards;
    private final Definitions definitions;
    private final Statistics statistics;
    private final OutboxTables outboxes;
    private final KeyCatalog keys;
    private final TwoPhaseTables twoPhase;
    private final Arrivals arrivals;
    private final EpochTable epochs;
    private final SchemaVersion schemaVersion = new SchemaVersion();
    private final TrialSchema trials = new TrialSchema(this, schemaVersion);
    private final DefiningSessions defining;
    private final Set<Writer> writers = ConcurrentHashMap.newKeySet();
    private final Set<JdbcConnection> abandoned = ConcurrentHashMap.newKeySet();

    private Storage(String label, SystemSchema system, ShardOf shard, H2Instance h2) throws SQLException {
        this.label = label;
        this.system = system;
        this.shard = shard;
        this.h2 = h2;
        database = h2.database();
        defining = new DefiningSessions(h2);
        applyConnection = h2.open(H2Instance.Role.ADMIN);
        applySession = H2Instance.session(applyConnection);
        try (Statement statement = applyConnection.createStatement()) {
            InternalSchema.create(applySession);
            statement.execute(Ledger.CREATE);
            statement.execute(SettingsTable.CREATE);
            statement.execute(OutboxTables.CREATE_MARKS);
            statement.execute(OutboxTables.CREATE_REJECTED);
            statement.execute(TwoPhaseTables.CREATE_PREPARED);
            statement.execute(TwoPhaseTables.CREATE_DECIDED);
            statement.execute(Arrivals.CREATE);
            statement.execute(EpochTable.CREATE);
        }
        system.create(database, applyConnection);
        h2.grant();
        applyConnection.setAutoCommit(false);
        applyTables = new Tables(database);
        MVTable ledgerTable = applyTables.find(ReservedNames.LEDGER);
        if (ledgerTable == null) {
            throw new SQLException("the ledger table is missing");
        }
        ledger = new Ledger(ledgerTable);
        sequences = new Sequences(database);
        shards = new ShardTables(database, shard);
        arrivals = new Arrivals(applyTables);
        definitions =
                new Definitions(h2, ledger, sequences, shards, new TableMove(database, shard, arrivals), schemaVersion);
        statistics = new Statistics(database);
        outboxes = new OutboxTables(applyTables, shard);
        keys = new KeyCatalog(database);
        twoPhase = new TwoPhaseTables(applyTables);
        epochs = new EpochTable(applyTables);
    }

    /**
     * A new empty database.
     *
     * @param label the last part of the H2 database's name, which is its catalog
     */
    public static Storage create(String label) {
        return create(label, SystemSchema.EMPTY);
    }

    /**
     * A new empty database that shows its users a system schema.
     *
     * @param label the last part of the H2 database's name, which is its catalog
     */
    public static Storage create(String label, SystemSchema system) {
        return create(label, system, ShardOf.ONLY);
    }

    /**
     * A new empty database of one of several shards.
     *
     * @param label the last part of the H2 database's name, which is its catalog
     */
    public static Storage create(String label, SystemSchema system, ShardOf shard) {
        try {
            H2Instance h2 = new H2Instance(label, system.compatibility());
            boolean complete = false;
            try {
                Storage storage = new Storage(label, system, shard, h2);
                complete = true;
                return storage;
            } finally {
                if (!complete) {
                    h2.close();
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException("can't create an H2 database in memory", e);
        }
    }

    /**
     * A database as a snapshot has it.
     *
     * @throws CorruptSnapshotException the snapshot is torn, changed, or of an unknown format
     */
    public static Storage load(String label, InputStream in) throws IOException {
        return load(label, SystemSchema.EMPTY, in);
    }

    /**
     * A database as a snapshot has it, with a system schema, which is in no snapshot.
     *
     * @throws CorruptSnapshotException the snapshot is torn, changed, or of an unknown format
     */
    public static Storage load(String label, SystemSchema system, InputStream in) throws IOException {
        return load(label, system, ShardOf.ONLY, in);
    }

    /**
     * A database of one of several shards, as a snapshot of that shard has it.
     *
     * @throws CorruptSnapshotException the snapshot is torn, changed, or of an unknown format
     */
    public static Storage load(String label, SystemSchema system, ShardOf shard, InputStream in) throws IOException {
        Storage storage = create(label, system, shard);
        boolean complete = false;
        try {
            storage.load(in, true);
            complete = true;
            return storage;
        } finally {
            if (!complete) {
                storage.close();
            }
        }
    }

    private SnapshotLoad.Loaded loadedBy(InputStream in, boolean keepRows) throws IOException, SQLException {
        JdbcConnection connection = defining.take();
        SessionLocal session = H2Instance.session(connection);
        session.lock();
        try {
            return new SnapshotLoad(database, connection, session, keepRows).load(in);
        } finally {
            session.unlock();
            defining.giveBack(connection);
        }
    }

    /**
     * Reads a snapshot into this new database.
     *
     * @param keepRows false to read and hash them only
     * @return the hashes of the rows that were not kept
     */
    Map<TableName, String> load(InputStream in, boolean keepRows) throws IOException {
        applySession.lock();
        try {
            SnapshotLoad.Loaded loaded = loadedBy(in, keepRows);
            sequences.restore(loaded.sequences());
            for (LedgerRow row : loaded.ledger()) {
                ledger.insert(applySession, row);
                applySession.commit(false);
                ledger.applied(row);
            }
            advance(loaded.term(), loaded.index());
            h2.grant();
            SchemaExpressions.separate(database);
            shards.loaded(applyConnection);
            applySession.commit(false);
            statistics.refresh(applySession);
            return loaded.hashes();
        } catch (SQLException e) {
            throw new IllegalStateException("can't grant rights, or read the settings", e);
        } finally {
            applySession.unlock();
        }
    }

    /**
     * The schema as it is between two entries, in words that are the same on replicas that are. On the apply thread.
     *
     * @param schema null for all
     * @param table null for all
     * @return by what it is and its name, {@code table PUBLIC.T}
     */
    public Map<String, String> schemaObjects(@Nullable String schema, @Nullable String table) {
        return SchemaObjects.of(database, sequences, schema, table);
    }

    /** Holds this moment. On the apply thread, between entries; the pin is then used on any one thread. */
    public Pin pin() throws SQLException {
        JdbcConnection connection = h2.open(H2Instance.Role.ADMIN);
        try {
            return new Pin(connection, ledger, sequences);
        } catch (SQLException | RuntimeException | StackOverflowError e) {
            H2Instance.close(connection);
            throw e;
        }
    }

    /** Notes an entry that has nothing to apply, such as the log's own. On the apply thread. */
    public void advance(long term, long index) {
        ledger.advance(term, index);
    }

    /** A connection that may only select: autocommit, READ COMMITTED. The caller closes it. */
    public Connection openReader() throws SQLException {
        return h2.open(H2Instance.Role.READER);
    }

    /** A session that may select, insert, update and delete. */
    public Writer openWriter() throws SQLException {
        return open(H2Instance.Role.WRITER);
    }

    /**
     * A session without restrictions, for the engine's own tables. Its changes are captured like any other's. The
     * settings are in {@code TUNABLE_INTERNAL.SETTINGS(NAME, "VALUE")}.
     */
    public Writer openAdminWriter() throws SQLException {
        return open(H2Instance.Role.ADMIN);
    }

    private Writer open(H2Instance.Role role) throws SQLException {
        Writer writer = new Writer(this, h2.open(role));
        writers.add(writer);
        return writer;
    }

    void closed(Writer writer, JdbcConnection connection) {
        writers.remove(writer);
        abandoned.remove(connection);
    }

    /** Nobody uses the writer's connection any more but who ends its transaction, and then closes it. */
    void abandoned(JdbcConnection connection) {
        abandoned.add(connection);
    }

    /** For executing definitions on the leader. */
    public Definer openDefiner() throws SQLException {
        return new Definer(this, defining);
    }

    /**
     * Applies an entry another replica captured: row images, sequence positions and the ledger row in one H2
     * transaction. On the apply thread.
     *
     * @param changes what {@link Writer#changes} gave
     * @throws IllegalStateException a table or row is not as the entry expects it: this replica is broken
     */
    public void apply(LedgerRow row, byte[] changes) {
        applySession.lock();
        try {
            Sequences.Capture moved = ChangeSet.apply(changes, applySession, applyTables);
            ledger.insert(applySession, row);
            applySession.commit(false);
            sequences.applied(row.term(), moved, true);
            applied(row);
        } catch (RuntimeException e) {
            applySession.rollback();
            throw new IllegalStateException("can't apply entry " + row.index() + ": " + e.getMessage(), e);
        } finally {
            applySession.unlock();
        }
    }

    /**
     * Keeps a transaction over shards that is prepared here. Its rows change when it is finished; sequences are moved now,
     * so that nobody is given its values whoever leads until then. On the apply thread.
     *
     * @param holder the session that has made the changes here and holds their locks; null elsewhere
     */
    public void prepare(PreparedRow row, @Nullable Writer holder) {
        changeOwn("prepare transaction", row.index(), () -> twoPhase.add(applySession, row));
        if (holder != null) {
            holder.prepared(row.term());
        } else if (row.changes().length > 0) {
            ChangeSet.Decoded changes = ChangeSet.decode(row.changes(), applySession, applyTables);
            sequences.applied(row.term(), changes.sequences(), true);
        }
        advance(row.term(), row.index());
    }

    /**
     * Applies the changes of a prepared transaction, which commits. On the apply thread, before {@link #forget}.
     *
     * @param row of the entry that says so
     */
    public void finish(LedgerRow row, PreparedRow prepared) {
        applySession.lock();
        try {
            if (prepared.changes().length > 0) {
                // the sequences it carries were moved when it was prepared, and have moved on since
                ChangeSet.apply(prepared.changes(), applySession, applyTables);
            }
            ledger.insert(applySession, row);
            applySession.commit(false);
            applied(row);
        } catch (RuntimeException e) {
            applySession.rollback();
            throw new IllegalStateException("can't apply entry " + row.index() + ": " + e.getMessage(), e);
        } finally {
            applySession.unlock();
        }
    }

    /** Keeps another vote of a prepared transaction. On the apply thread. */
    public void revote(PreparedRow row) {
        changeOwn("raise the vote of transaction", row.index(), () -> {
            twoPhase.remove(applySession, row);
            twoPhase.add(applySession, row);
        });
    }

    /** Keeps where the shard is in the order of cuts. On the apply thread. */
    public void keep(EpochRow row) {
        changeOwn("keep epoch", row.epoch(), () -> epochs.put(applySession, row));
    }

    /** Where the shard is in the order of cuts. */
    public EpochRow epochs() throws SQLException {
        try (JdbcConnection connection = h2.open(H2Instance.Role.ADMIN)) {
            return EpochTable.read(connection);
        }
    }

    /** Drops a prepared transaction that has come to its end. On the apply thread. */
    public void forget(PreparedRow row) {
        changeOwn("forget transaction", row.index(), () -> twoPhase.remove(applySession, row));
    }

    /** Keeps a transaction over shards that is decided here. On the apply thread, before its own changes take effect. */
    public void decide(DecidedRow row) {
        changeOwn("decide transaction", row.index(), () -> twoPhase.add(applySession, row));
    }

    /** Adds only the ledger row of an entry whose rows come with a later one. On the apply thread. */
    public void answer(LedgerRow row) {
        changeOwn("answer entry", row.index(), () -> ledger.insert(applySession, row));
        applied(row);
    }

    /** Drops a decision nobody will ask for any more. On the apply thread. */
    public void forget(DecidedRow row) {
        changeOwn("forget transaction", row.index(), () -> twoPhase.remove(applySession, row));
    }

    /** Changes the engine's own tables in a transaction without a ledger row: no reader sees them. */
    private void changeOwn(String what, long number, Runnable change) {
        applySession.lock();
        try {
            change.run();
            applySession.commit(false);
        } catch (RuntimeException e) {
            applySession.rollback();
            throw new IllegalStateException("can't " + what + " " + number + ": " + e.getMessage(), e);
        } finally {
            applySession.unlock();
        }
    }

    /** The transactions prepared here whose end is not known, in the order they were prepared in. */
    public List<PreparedRow> prepared() throws SQLException {
        return look(TwoPhaseTables::prepared);
    }

    /** The transactions decided here that some participant may not have committed, in the order they were decided in. */
    public List<DecidedRow> decided() throws SQLException {
        return look(TwoPhaseTables::decided);
    }

    /**
     * Executes a definition and adds its ledger row. On the apply thread.
     *
     * @param row its outcome is ignored
     * @param outcome makes the row's outcome of the result
     * @return the effect, or the SQL error, which is an answer like any other
     * @throws SchemaChangeBlockedException some session here holds a lock it needs; nothing happened, call again
     */
    public SchemaChangeResult define(
            LedgerRow row, SchemaChange definition, Function<SchemaChangeResult, byte[]> outcome) {
        try (Definer definer = openDefiner()) {
            return definer.define(row, definition, outcome);
        } catch (SQLException e) {
            throw new IllegalStateException("can't open a storage session for a definition", e);
        }
    }

    /** Why a definition does not keep to the rules of sharding; null when it does, or has nothing to do with it. */
    @Nullable
    SchemaChangeResult shardingRefusal(int type, ShardSettings settings, SchemaChange definition) throws SQLException {
        return ShardRules.concern(type, definition, settings, shard) ? new Trial(this).refusal(definition) : null;
    }

    /**
     * Why a definition must not be proposed; null when it may be. What it says is sure to be an error wherever it is
     * executed, and likely to stop the replica. Any thread.
     *
     * @param patience how long the definition may take
     * @param reader reads the {@link #catalog} that the definition makes, as whoever executes it will
     */
    public @Nullable SchemaChangeResult preflight(
            SchemaChange definition, Duration patience, Consumer<Map<String, String>> reader) {
        return new Preflight(trials, reader).refusal(definition, patience);
    }

    TrialSchema trials() {
        return trials;
    }

    /** On a trial copy: why what the schema computes would differ from shard to shard, or null. */
    @Nullable
    String expressionRefusal(Map<MVTable, ShardSetting> tables) {
        if (tables.isEmpty()) {
            return null;
        }
        ShardExpressions expressions = new ShardExpressions(tables);
        String refusal = expressions.refusal(Tables.replicated(database));
        return refusal == null ? expressions.refusal(database) : refusal;
    }

    /** On a trial copy: why nobody could read one of its views, or null. */
    @Nullable
    String viewRefusal() throws SQLException {
        return look(UnreadableViews::refusal).orElse(null);
    }

    boolean isOneOfSeveral() {
        return !shard.isOnly();
    }

    /** On a trial copy: as if the log had said so. */
    void moveSequences(ToLongFunction<Sequence> to) {
        sequences.moveAll(appliedTerm(), to);
    }

    /** On a trial copy: the rules are looked at afterwards. */
    SchemaChangeResult defineUntried(LedgerRow row, SchemaChange definition, Duration patience) {
        try (Definer definer = openDefiner()) {
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
            return new Trial(this, patience).withRows(definition, H2Instance.session(connection), ofAll, maxRows);
        }
    }

    /**
     * The statement that moves a table's identity column, in every shard, to where it is in this one; null when the table
     * has none. A table that is to be sharded begins with it: the other shards have not given any of its values yet.
     */
    public @Nullable String identityRestart(TableName name) {
        MVTable table = Tables.lookUp(database, name);
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
            return new Departures(this, connection, shard, table, sharding);
        } catch (ShardRefusedException e) {
            connection.close();
            throw new SQLException(e.refusal(), "TC005", e);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    Arrivals arrived() {
        return arrivals;
    }

    Storage loadAlike(InputStream in) throws IOException {
        return load(label, system, shard, in);
    }

    SnapshotCheck snapshotCheck() {
        return new SnapshotCheck(label, system, shard);
    }

    ShardSettings shardSettings() throws SQLException {
        return look(ShardSettings::read);
    }

    /** {@link #define(LedgerRow, SchemaChange, Function)} with the encoded result as outcome. */
    public SchemaChangeResult define(LedgerRow row, SchemaChange definition) {
        return define(row, definition, SchemaChangeResult::encode);
    }

    void applied(LedgerRow row) {
        ledger.applied(row);
        tidy();
    }

    /** What the apply thread does now and then, after an entry. */
    void tidy() {
        ledger.prune(applySession);
        statistics.entryApplied(applySession);
    }

    Ledger ledger() {
        return ledger;
    }

    OutboxTables outboxes() {
        return outboxes;
    }

    KeyCatalog keys() {
        return keys;
    }

    Sequences sequences() {
        return sequences;
    }

    Definitions definitions() {
        return definitions;
    }

    public Database database() {
        return database;
    }

    public SystemSchema system() {
        return system;
    }

    /** Whether a session's write, or a later one of it, has been answered; the same on every replica at one entry. */
    public boolean hasAnswered(long session, long number) {
        return ledger.hasAnswered(session, number);
    }

    /**
     * What a session's write was answered. Any thread.
     *
     * @return null when that write has not been applied here
     * @throws IllegalStateException the session has had a later write answered, so this outcome is no longer kept
     */
    public byte @Nullable [] outcome(long session, long number) {
        return ledger.outcome(session, number);
    }

    /**
     * The newest entry that changed rows or the schema and whose effects a reader's open SNAPSHOT transaction sees. What
     * storage says, not what anybody counted beside it.
     *
     * @param reader from {@link #openReader}, with a transaction open
     */
    public long newestSeen(Connection reader) throws SQLException {
        SessionLocal session = H2Instance.session(reader.unwrap(JdbcConnection.class));
        session.lock();
        try {
            return ledger.newestSeen(session);
        } finally {
            session.unlock();
        }
    }

    /** The index of the last entry applied; 0 before the first. Any thread. */
    public long appliedIndex() {
        return ledger.index();
    }

    /** The term of the last entry applied; 0 before the first. Any thread. */
    public long appliedTerm() {
        return ledger.term();
    }

    /** The users' tables, in order of name. */
    public List<TableName> tables() {
        return Tables.replicated(database).stream()
                .map(Tables::nameOf)
                .filter(name -> !name.schema().equals(ReservedNames.INTERNAL_SCHEMA))
                .sorted()
                .collect(Collectors.toList());
    }

    /** Whether there is such a table. */
    public boolean hasTable(String schema, String name) {
        return Tables.lookUp(database, new TableName(schema, name)) != null;
    }

    /**
     * The engine's settings, as last committed, and the tables behind views and synonyms and the columns of sharded tables
     * as if they were settings too. On the apply thread.
     */
    public Map<String, String> catalog() throws SQLException {
        Map<String, String> catalog = settings();
        Map<String, String> columns = ShardColumns.settings(database, catalog);
        IdentityHashMap<TableView, TableUses> views = new IdentityHashMap<>();
        catalog.putAll(Views.settings(database, views));
        catalog.putAll(Views.drawing(database, views));
        catalog.putAll(EffectSettings.of(database));
        catalog.putAll(columns);
        return catalog;
    }

    /** The engine's settings, as last committed. */
    public Map<String, String> settings() throws SQLException {
        return look(SettingsTable::read);
    }

    /** A look at the engine's own tables. */
    @FunctionalInterface
    private interface Look<T> {
        T at(JdbcConnection connection) throws SQLException;
    }

    private <T> T look(Look<T> look) throws SQLException {
        try (JdbcConnection connection = h2.open(H2Instance.Role.ADMIN)) {
            return look.at(connection);
        }
    }

    /** Whether a change set may change how far outboxes have been carried out; rather yes than no. */
    public static boolean changesOutboxMarks(byte[] changes) {
        byte[] name = OutboxTables.MARKS.getBytes(StandardCharsets.ISO_8859_1);
        for (int at = 0; at <= changes.length - name.length; at++) {
            if (Arrays.equals(changes, at, at + name.length, name, 0, name.length)) {
                return true;
            }
        }
        return false;
    }

    /** The last number carried out of every outbox, by incarnation. */
    public Map<Long, Long> outboxMarks() throws SQLException {
        return look(OutboxTables::marks);
    }

    /** The weak writes that failed when their turn came, oldest first. */
    public List<RejectedWrite> rejectedWrites() throws SQLException {
        return look(OutboxTables::rejected);
    }

    /** Whether H2 has closed it, as it does by itself when memory ends in the middle of a statement; cheap. Any thread. */
    public boolean isShut() {
        return database.isClosing();
    }

    /** Drops everything at once. Connections still open fail from now on. */
    @Override
    public void close() {
        trials.close();
        h2.close();
        H2Instance.close(applyConnection);
        defining.close();
        abandoned.forEach(H2Instance::close);
    }
}
