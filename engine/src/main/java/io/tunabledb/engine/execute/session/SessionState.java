package io.tunabledb.engine.execute.session;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Rung;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.h2.internals.Isolation;
import io.tunabledb.engine.h2.internals.SearchPath;
import io.tunabledb.engine.h2.statement.BoundedCommand;
import io.tunabledb.engine.h2.statement.ClientUser;
import io.tunabledb.engine.h2.statement.SessionNames;
import io.tunabledb.engine.h2.statement.TransactionTime;
import io.tunabledb.engine.heap.Watermark;
import io.tunabledb.engine.monitor.AuditSampler;
import io.tunabledb.engine.monitor.Waits;
import io.tunabledb.engine.outbox.OutboxStatus;
import io.tunabledb.engine.plan.Qualified;
import io.tunabledb.engine.route.ClusterView;
import io.tunabledb.engine.route.Router;
import io.tunabledb.engine.session.BadTokenException;
import io.tunabledb.engine.session.SessionVector;
import io.tunabledb.engine.session.Token;
import io.tunabledb.engine.shard.Reader;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.held.LockOwner;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the paths share of one session: where it sits, what it saw, its defaults, its {@linkplain #at sides} of the shards. */
public final class SessionState implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SessionState.class);
    private static final String TIME_ZONE = "TIME ZONE";
    private static final String LAZY = "LAZY_QUERY_EXECUTION";

    /** How long a statement may take does not change what it does. */
    private static final Set<String> ONLY_OF_WAITING =
            Set.of("LOCK_TIMEOUT", "QUERY_TIMEOUT", "STATEMENT_TIMEOUT", "THROTTLE");

    private final Cluster cluster;
    private SessionVector vector;
    private final long id;
    private final int home;
    private final Duration consistencyTimeout;
    private final long maxGatherRows;
    private final Watermark watermark;
    /** Each made when first needed: most sessions never see most shards. */
    private final @Nullable ShardSession[] shards;

    private static final Set<String> SEARCH_PATHS = Set.of("SCHEMA_SEARCH_PATH", "SEARCH_PATH");

    private final Map<String, String> settings = new LinkedHashMap<>();
    /** What {@link #settings} says that a statement's meaning depends on. */
    private List<String> settingsOfWrites = List.of();

    private String user = "";

    private final TransactionTime time = new TransactionTime();
    private final LostTables lostTables = new LostTables();
    private final AuditSampler audits;
    private final Waits waits;
    private long number;
    private @Nullable LockOwner openOwner;
    private String schema = "PUBLIC";
    private Meaning meaning = new Meaning(this, List.of(), SessionNames.Kept.FRESH);
    private volatile @Nullable Reader active;
    private final Underway underway;
    /** Cancels what runs in storage beside the reader. */
    private volatile Runnable alsoCancelled = () -> {};

    /** Where the tables of the statement that runs now were when it was planned. */
    public PlacementVersion placementVersion = PlacementVersion.NONE;
    /** The index the last read's replica had to have applied. */
    public long required;
    /** SET CONSISTENCY FOR READ, or null. */
    public @Nullable Ladder readDefault;
    /** SET CONSISTENCY FOR WRITE, or null. */
    public @Nullable Ladder writeDefault;
    /** SET TRANSACTION CONSISTENCY, or null. */
    public @Nullable Rung transactionRung;
    /** Whether every statement is a transaction of its own. */
    public boolean autoCommit = true;
    /** Whether the session only reads. */
    public boolean readOnly;
    /** H2's isolation for writing transactions. */
    public int isolation = Connection.TRANSACTION_READ_COMMITTED;

    public SessionState(Cluster cluster, SessionVector vector, Seat seat, AuditSampler audits, Waits waits) {
        this.cluster = cluster;
        this.underway = new Underway(this::cancelRead, cluster::isClosed);
        this.vector = vector;
        this.id = seat.id;
        this.home = seat.home;
        this.consistencyTimeout = seat.consistencyTimeout;
        this.maxGatherRows = seat.maxGatherRows;
        this.watermark = seat.watermark;
        this.audits = audits;
        this.waits = waits;
        this.shards = new @Nullable ShardSession[cluster.shards()];
    }

    /**
     * Who a session is and where it sits.
     *
     * @param id its identity in the log
     * @param home the node it is next to, 0 for all
     * @param consistencyTimeout how long a statement waits when nobody says otherwise
     * @param maxGatherRows how many rows of several shards a statement may bring together
     * @param watermark how full the heap may be for it to write
     */
    public record Seat(long id, int home, Duration consistencyTimeout, long maxGatherRows, Watermark watermark) {}

    /** How long replicas lately took, of all sessions. */
    Waits waits() {
        return waits;
    }

    /** What the clock says to the statements of the transaction. */
    public TransactionTime time() {
        return time;
    }

    /** Its local temporary tables that are gone. */
    public LostTables lostTables() {
        return lostTables;
    }

    /** Chooses which reads are audited. */
    AuditSampler audits() {
        return audits;
    }

    /** H2's isolation for the next writing transaction: a SNAPSHOT transaction needs H2's. */
    public int effectiveIsolation() {
        Rung rung = transactionRung;
        // REPEATABLE READ fixes each table when it is first read, which over shards would be as many moments
        boolean isSnapshot = (rung != null && rung.level() == Level.SNAPSHOT)
                || (isolation == Connection.TRANSACTION_REPEATABLE_READ && shards.length > 1);
        return isSnapshot ? Isolation.SNAPSHOT : isolation;
    }

    /** Whether reads before the first write must already run in the transaction on the leader. */
    public boolean readsNeedTransaction() {
        // a read-only transaction at level SNAPSHOT keeps a snapshot of any replica instead
        int needed = readOnly ? isolation : effectiveIsolation();
        return !autoCommit && needed > Connection.TRANSACTION_READ_COMMITTED;
    }

    /** The node it is next to; 0 for all. */
    public int home() {
        return home;
    }

    /** The cluster. */
    public Cluster cluster() {
        return cluster;
    }

    /** What the session saw and wrote. */
    public SessionVector vector() {
        return vector;
    }

    /** Every node's outbox at this moment. */
    public List<OutboxStatus> outboxes() {
        return cluster.outboxes();
    }

    /** The session's identity in the log. */
    public long id() {
        return id;
    }

    /** Whose locks a transaction's next part takes: those of the one that is open, or of a new one. */
    public LockOwner lockOwner() {
        LockOwner open = openOwner;
        return open == null ? LockOwner.now(id) : open;
    }

    /** A transaction begins that may come to several shards; null: it has ended. */
    public void owns(@Nullable LockOwner owner) {
        openOwner = owner;
    }

    /** The next number under which the session writes. */
    public long nextNumber() {
        return ++number;
    }

    public Duration consistencyTimeout() {
        return consistencyTimeout;
    }

    /** How full the heap may be for it to write. */
    public Watermark watermark() {
        return watermark;
    }

    /** How many rows of several shards a statement may bring together. */
    public long maxGatherRows() {
        return maxGatherRows;
    }

    /** Equal for as long as the session's SET statements say the same. */
    public Object settingsOwner(Query query) {
        return List.of(this, texts(query, name -> true));
    }

    /** What a text that is prepared now means. */
    public Meaning meaning() {
        return meaning;
    }

    private List<String> texts(Query query, Predicate<String> which) {
        Meaning meant = query.meaning();
        boolean isOld = meant != null && !meant.isCurrent();
        List<String> texts = new ArrayList<>();
        settings.forEach((name, text) -> {
            if (which.test(name) && !(isOld && SessionNames.has(name))) {
                texts.add(text);
            }
        });
        if (meant != null && isOld) {
            meant.settings().forEach(setting -> texts.add(setting.text()));
        }
        return texts;
    }

    /** The SET statements that a definition is executed under; its schema goes with it apart from them. */
    public Map<String, String> sets(Meaning meant) {
        Map<String, String> sets = new LinkedHashMap<>();
        meant.settings().stream()
                .filter(setting -> !Meaning.isSchema(setting.name()))
                .forEach(setting -> sets.put(setting.name(), setting.text()));
        String zone = settings.get(TIME_ZONE);
        if (zone != null) {
            sets.put(TIME_ZONE, zone);
        }
        return sets;
    }

    /** Makes a fresh storage connection understand a query, and the session's other settings. */
    public void applySettings(Connection connection, Query query) throws SQLException {
        ClientUser.put(user, connection);
        for (String text : texts(query, name -> true)) {
            run(connection, text);
        }
    }

    /** How long a statement waits when nobody says otherwise. */
    public Duration patience() {
        return consistencyTimeout;
    }

    /** The session's side of a shard. */
    public ShardSession at(int shard) {
        ShardSession known = shards[shard];
        if (known == null) {
            known = new ShardSession(this, shard);
            shards[shard] = known;
        }
        return known;
    }

    /**
     * Refuses a token that has seen more than a shard's log holds: it is from after the state a restored database was
     * restored to. Without a majority to ask nothing can be said, and the token's reads wait.
     */
    public void refuseFromTheFuture(Token token, Duration patience) throws BadTokenException {
        if (token.epoch() > 0) {
            refuseEpochFromTheFuture(token.epoch(), patience);
        }
        for (int shard = 0; shard < cluster.shards(); shard++) {
            if (token.seen(shard) > 0) {
                refuseFromTheFuture(at(shard), token.seen(shard), patience);
            }
        }
        for (Token.Mark mark : token.marks()) {
            String unknown = new MarkOrigin(at(mark.shard()), mark).unknown(Deadline.in(patience));
            if (unknown != null) {
                throw new BadTokenException(
                        "session token can't be used: " + unknown + "; take a fresh one with SHOW CONSISTENCY TOKEN");
            }
        }
    }

    /** A leader would close epochs up to one that no cut has begun. */
    private void refuseEpochFromTheFuture(long epoch, Duration patience) throws BadTokenException {
        ShardSession first = at(0);
        int node = Router.leader(first.view());
        if (epoch <= cluster.released(home) || node == 0) {
            return;
        }
        Replica leader = first.replica(node);
        if (leader.newestCut() >= epoch) {
            return;
        }
        Deadline deadline = Deadline.in(patience);
        try {
            long last = deadline.await(leader.readIndex());
            if (leader.awaitApplied(last, deadline) && leader.newestCut() < epoch) {
                throw new BadTokenException("session token has seen epoch " + epoch + ", the newest begun is "
                        + leader.newestCut() + ": it is from the future of a restored database; take a fresh one");
            }
        } catch (ExecutionException | TimeoutException e) {
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void refuseFromTheFuture(ShardSession session, long needed, Duration patience)
            throws BadTokenException {
        ClusterView view = session.view();
        int node = Router.leader(view);
        if (node == 0 || view.replicas().stream().anyMatch(replica -> replica.applied() >= needed)) {
            return;
        }
        try {
            long last = session.replica(node).readIndex().get(patience.toNanos(), TimeUnit.NANOSECONDS);
            if (last < needed) {
                throw new BadTokenException("session token has seen index " + needed + " of shard " + session.shard()
                        + ", whose log ends at " + last
                        + ": it is from the future of a restored database; take a fresh one");
            }
        } catch (ExecutionException | TimeoutException e) {
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** TC004 when a statement's AFTER token is no token of this database's present. */
    public void checkAfter(@Nullable String token, Duration patience) throws SQLException {
        if (token != null) {
            checked(token, patience);
        }
    }

    /** A token of this database's present; TC004 when it is torn, foreign or of the future. */
    Token checked(String text, Duration patience) throws SQLException {
        Token token = decode(text);
        try {
            refuseFromTheFuture(token, patience);
            // what is done after it may be an effect of what its session has seen
            vector.sawEpoch(token.epoch());
            return token;
        } catch (BadTokenException e) {
            throw Errors.of(SqlState.BAD_TOKEN, Objects.requireNonNull(e.getMessage()), e);
        }
    }

    /** The highest epoch that a token's session had seen anything of; 0 without one. */
    public long epochAfter(@Nullable String token) throws SQLException {
        return token == null ? 0 : decode(token).epoch();
    }

    /**
     * Holds an answer back until every shard has closed the epochs before those it may tell of. What is told later can't be
     * the cause of anything in an earlier epoch.
     *
     * @return false when the deadline came first
     */
    public boolean awaitReleased(Deadline deadline) throws InterruptedException {
        return isReleased() || cluster.awaitReleased(home, vector.epoch(), deadline);
    }

    /** Whether nothing that the session has seen has to be held back. */
    public boolean isReleased() {
        return vector.epoch() <= cluster.released(home);
    }

    /** A token of this database; TC004 for any other text. */
    Token decode(String text) throws SQLException {
        try {
            Token token = Token.decode(text);
            vector.checkOurs(token);
            return token;
        } catch (BadTokenException e) {
            throw Errors.of(SqlState.BAD_TOKEN, Objects.requireNonNull(e.getMessage()), e);
        }
    }

    /**
     * The session's SET statements that a write which is executed elsewhere, later, needs to mean what it meant when it was
     * prepared.
     */
    public List<String> settingsOfWrites(Query query) {
        Meaning meant = query.meaning();
        return meant == null || meant.isCurrent()
                ? settingsOfWrites
                : Stream.concat(
                                ClientUser.carried(user).stream(),
                                texts(query, name -> !ONLY_OF_WAITING.contains(name)).stream())
                        .toList();
    }

    /**
     * The statement with its tables' schemas, where they may be others than the current one.
     *
     * @param patience how long it may wait for what this session saw and wrote
     */
    public io.tunabledb.sql.Statement.Sql qualified(
            io.tunabledb.sql.Statement.Sql statement, Meaning meant, Duration patience) throws SQLException {
        if (meant.settings().stream().noneMatch(setting -> SEARCH_PATHS.contains(setting.name()))) {
            return statement;
        }
        Connection connection = metadata(patience);
        Map<String, String> schemas = new HashMap<>();
        meant.on(connection, () -> {
            for (io.tunabledb.sql.Statement.TableUse table : statement.tables()) {
                String found = table.schema() == null ? SearchPath.schemaOf(table.name(), connection) : null;
                if (found != null) {
                    schemas.put(table.name(), found);
                }
            }
            return schemas;
        });
        return Qualified.of(statement, schemas::get);
    }

    /** Whose connection it is. Before anything is done with it. */
    public void user(String name) {
        user = name;
        settingsOfWrites = settingsOfWrites();
    }

    private List<String> settingsOfWrites() {
        List<String> texts = new ArrayList<>(ClientUser.carried(user));
        settings.forEach((name, text) -> {
            if (!ONLY_OF_WAITING.contains(name)) {
                texts.add(text);
            }
        });
        return List.copyOf(texts);
    }

    /** Whether a SET bounds how long queries may run. */
    public boolean hasQueryTimeout() {
        return settings.containsKey("QUERY_TIMEOUT");
    }

    /** The current schema, exact case. */
    public String schema() {
        return schema;
    }

    /** Whether every one of these shards has a leader in reach. */
    public boolean reachesLeaders(List<Integer> needed) {
        return needed.stream().allMatch(shard -> Router.leader(at(shard).view()) != 0);
    }

    /** A connection to whichever live replica of shard 0 is nearest, for metadata. */
    public Connection metadata() throws SQLException {
        return metadata(consistencyTimeout);
    }

    /** The same, which for so long may wait to show what this session saw and wrote. */
    public Connection metadata(Duration patience) throws SQLException {
        return at(0).metadata(patience);
    }

    /**
     * Whether what metadata's replica said of a text may only be wrong there: it lacked something, and has it now. What is
     * right never comes here, whose level may allow for no wait at all.
     */
    public boolean isOfLaggingSchema(SQLException error) throws SQLException {
        ShardSession first = at(0);
        Replica asked = first.nearest(Deadline.in(Duration.ZERO));
        return SchemaDoubt.isResolved(error, asked, Deadline.in(consistencyTimeout));
    }

    public void activate(@Nullable Reader reader) {
        active = reader;
    }

    /** What the session is carrying out now. */
    public Underway underway() {
        return underway;
    }

    /** Whenever what is under way is cancelled, {@code running} is called too. */
    public void onCancel(Runnable running) {
        alsoCancelled = running;
    }

    public void beginWait() {
        underway.beginWait();
    }

    public boolean endWait() {
        return underway.endWait();
    }

    private void cancelRead() {
        Reader reader = active;
        try {
            if (reader != null) {
                reader.cancel();
            }
        } catch (SQLException e) {
            LOG.trace("it ended by itself meanwhile", e);
        } finally {
            alsoCancelled.run();
        }
    }

    /** Runs a session setting where the session has connections, and remembers it for those to come. */
    public void set(String name, String text) throws SQLException {
        set(name, text, consistencyTimeout);
    }

    /** The same, which waits no longer for what this session saw and wrote if it does not need that. */
    public void set(String name, String text, Duration patience) throws SQLException {
        boolean isOfWaiting = ONLY_OF_WAITING.contains(name);
        // any replica knows these; what names something may need what this session has just created
        Connection connection = metadata(isOfWaiting ? Duration.ZERO : patience);
        try {
            run(connection, text);
        } catch (SQLException e) {
            if (isOfWaiting || patience.compareTo(consistencyTimeout) >= 0) {
                throw e;
            }
            connection = metadata(consistencyTimeout);
            run(connection, text);
        }
        if (name.equals(LAZY)) {
            // its value is checked; rows are always read to the end, by what lets go of the replica they come from
            run(connection, "SET LAZY_QUERY_EXECUTION 0");
            return;
        }
        if (Meaning.isSchema(name)) {
            schema = connection.getSchema();
        }
        settings.remove(name);
        settings.put(name, text);
        if (SessionNames.has(name)) {
            meaning = new Meaning(
                    this,
                    current().stream()
                            .filter(setting -> SessionNames.has(setting.name()))
                            .toList(),
                    SessionNames.Kept.of(connection));
        }
        settingsOfWrites = settingsOfWrites();
        for (ShardSession shard : shards) {
            if (shard != null) {
                shard.applyToOpen(open -> run(open, text));
            }
        }
    }

    /** What is SET now. */
    public SessionStart start() {
        return new SessionStart(current(), readDefault, writeDefault);
    }

    private List<SessionStart.Setting> current() {
        return settings.entrySet().stream()
                .map(setting -> new SessionStart.Setting(setting.getKey(), setting.getValue()))
                .toList();
    }

    /** Whether its storage connections behave as {@code start} says, but for the current schema being {@code chosen}. */
    public boolean isAs(SessionStart start, @Nullable String chosen) {
        if (settings.isEmpty() && start.settings().isEmpty()) {
            return chosen == null;
        }
        return chosen == null
                ? current().equals(start.settings())
                : schema.equals(chosen) && withoutSchema(current()).equals(withoutSchema(start.settings()));
    }

    private static List<SessionStart.Setting> withoutSchema(List<SessionStart.Setting> all) {
        return all.stream().filter(setting -> !setting.isSchema()).toList();
    }

    /** Forgets every SET; the storage connections that knew them are closed. */
    public void forgetSettings() {
        settings.clear();
        settingsOfWrites = settingsOfWrites();
        schema = "PUBLIC";
        meaning = new Meaning(this, List.of(), SessionNames.Kept.FRESH);
        close();
    }

    /** Forgets what was asked for, seen and written; {@code fresh} is what it has seen then. */
    public void reset(SessionVector fresh, SessionStart start) {
        vector = fresh;
        readDefault = start.read();
        writeDefault = start.write();
        transactionRung = null;
    }

    public void applySettings(Connection connection) throws SQLException {
        ClientUser.put(user, connection);
        for (String text : settings.values()) {
            run(connection, text);
        }
    }

    private static void run(Connection connection, String text) throws SQLException {
        BoundedCommand.execute(connection, text);
    }

    @Override
    public void close() {
        for (ShardSession shard : shards) {
            if (shard != null) {
                shard.close();
            }
        }
    }
}
