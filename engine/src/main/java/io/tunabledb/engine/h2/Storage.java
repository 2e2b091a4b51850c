package io.tunabledb.engine.h2;

import io.tunabledb.engine.h2.catalog.Arrivals;
import io.tunabledb.engine.h2.catalog.Ledger;
import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.catalog.OutboxTables;
import io.tunabledb.engine.h2.catalog.SystemSchema;
import io.tunabledb.engine.h2.ddl.DefiningSessions;
import io.tunabledb.engine.h2.ddl.Definitions;
import io.tunabledb.engine.h2.ddl.ShardTables;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.ddl.change.SchemaChangeBlockedException;
import io.tunabledb.engine.h2.ddl.change.SchemaChangeResult;
import io.tunabledb.engine.h2.ddl.change.SchemaVersion;
import io.tunabledb.engine.h2.ddl.move.TableMove;
import io.tunabledb.engine.h2.internals.H2Instance;
import io.tunabledb.engine.h2.internals.IndexKeys;
import io.tunabledb.engine.h2.internals.SchemaExpressions;
import io.tunabledb.engine.h2.internals.SessionLock;
import io.tunabledb.engine.h2.readset.KeyCatalog;
import io.tunabledb.engine.h2.row.Sequences;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sharding.ShardOf;
import io.tunabledb.engine.h2.snapshot.CorruptSnapshotException;
import io.tunabledb.engine.h2.snapshot.Pin;
import io.tunabledb.engine.h2.snapshot.SchemaObjects;
import io.tunabledb.engine.h2.sql.TableName;
import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.jspecify.annotations.Nullable;

/**
 * One replica's tables: an in-memory H2 database of its own. Sessions read and, on the leader, write through the
 * connections it opens; what the log has committed comes in through {@link #committed}, {@link #define} and {@link
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
    private final Arrivals arrivals;
    private final CommittedChanges committed;
    private final OwnTables own;
    private final DefinitionTrials trying;
    private final SchemaVersion schemaVersion = new SchemaVersion();
    private final DefiningSessions defining;
    private final Set<JdbcConnection> abandoned = ConcurrentHashMap.newKeySet();

    private Storage(String label, SystemSchema system, ShardOf shard, H2Instance h2) throws SQLException {
        this.label = label;
        this.system = system;
        this.shard = shard;
        this.h2 = h2;
        database = h2.database();
        IndexKeys.use(database);
        defining = new DefiningSessions(h2);
        applyConnection = h2.open(H2Instance.Role.ADMIN);
        applySession = H2Instance.session(applyConnection);
        OwnTables.create(applyConnection);
        system.create(database, applyConnection);
        h2.grant();
        applyConnection.setAutoCommit(false);
        applyTables = new Tables(database);
        ledger = Ledger.in(applyTables);
        sequences = new Sequences(database);
        shards = new ShardTables(database, shard);
        arrivals = new Arrivals(applyTables);
        definitions =
                new Definitions(h2, ledger, sequences, shards, new TableMove(database, shard, arrivals), schemaVersion);
        statistics = new Statistics(database);
        outboxes = new OutboxTables(applyTables, shard);
        keys = new KeyCatalog(database);
        committed = new CommittedChanges(applySession, applyTables, ledger, sequences, statistics);
        own = new OwnTables(h2);
        trying = new DefinitionTrials(this, h2, shard, sequences, schemaVersion);
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
        return load(label, SystemSchema.EMPTY, ShardOf.ONLY, in);
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

    /**
     * Reads a snapshot into this new database.
     *
     * @param keepRows false to read and hash them only
     * @return the hashes of the rows that were not kept
     */
    Map<TableName, String> load(InputStream in, boolean keepRows) throws IOException {
        return new StorageLoad(this, applySession, defining).load(in, keepRows);
    }

    /** What a snapshot has brought gets its rights, its guards and its statistics. */
    void loaded() throws SQLException {
        h2.grant();
        SchemaExpressions.separate(database);
        shards.loaded(applyConnection);
        applySession.commit(false);
        statistics.refresh(applySession);
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
        return new Writer(this, h2.open(role));
    }

    /** It was closed in time. */
    void closed(JdbcConnection connection) {
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

    boolean isOneOfSeveral() {
        return !shard.isOnly();
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

    /** {@link #define(LedgerRow, SchemaChange, Function)} with the encoded result as outcome. */
    public SchemaChangeResult define(LedgerRow row, SchemaChange definition) {
        return define(row, definition, SchemaChangeResult::encode);
    }

    /** The way of what the log has committed into the tables. */
    public CommittedChanges committed() {
        return committed;
    }

    /** The engine's own tables. */
    public OwnTables own() {
        return own;
    }

    /** Where definitions are tried. */
    public DefinitionTrials trying() {
        return trying;
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
        return SessionLock.under(session, () -> ledger.newestSeen(session));
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
        return Tables.ofUsers(database);
    }

    /** Whether there is such a table. */
    public boolean hasTable(String schema, String name) {
        return Tables.lookUp(database, new TableName(schema, name)) != null;
    }

    /** What its catalog says, by name: {@link CatalogSettings}. On the apply thread. */
    public Map<String, String> catalog() throws SQLException {
        return CatalogSettings.of(database, own);
    }

    /** Whether H2 has closed it, as it does by itself when memory ends in the middle of a statement; cheap. Any thread. */
    public boolean isShut() {
        return database.isClosing();
    }

    /** Drops everything at once. Connections still open fail from now on. */
    @Override
    public void close() {
        trying.close();
        h2.close();
        H2Instance.close(applyConnection);
        defining.close();
        abandoned.forEach(H2Instance::close);
    }
}
