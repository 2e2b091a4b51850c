package io.tunabledb.engine;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tunabledb.consistency.Rule;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.access.Principal;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.command.AccessTables;
import io.tunabledb.engine.command.RuleFile;
import io.tunabledb.engine.command.RuleTable;
import io.tunabledb.engine.execute.ddl.SchemaChanges;
import io.tunabledb.engine.execute.ddl.SettingsPath;
import io.tunabledb.engine.execute.scatter.MovedWrites;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.statement.Watchers;
import io.tunabledb.engine.h2.catalog.SystemTable;
import io.tunabledb.engine.h2.internals.H2Version;
import io.tunabledb.engine.h2.sql.SqlErrors;
import io.tunabledb.engine.heap.Watermark;
import io.tunabledb.engine.load.LoadMeter;
import io.tunabledb.engine.load.LoadSampler;
import io.tunabledb.engine.load.RuleCounts;
import io.tunabledb.engine.log.NoRoomException;
import io.tunabledb.engine.monitor.SlaMonitor;
import io.tunabledb.engine.node.DatabaseDirectory;
import io.tunabledb.engine.node.LeavingOut;
import io.tunabledb.engine.node.Nodes;
import io.tunabledb.engine.outbox.OutboxOptions;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.ratis.RatisVersion;
import io.tunabledb.engine.session.SessionVector;
import io.tunabledb.engine.session.SharedVectors;
import io.tunabledb.engine.shard.ReplicaOptions;
import io.tunabledb.engine.url.DatabaseUrl;
import io.tunabledb.engine.url.EntryName;
import io.tunabledb.engine.url.Property;
import io.tunabledb.sql.SqlParser;
import io.tunabledb.sql.SqlSyntaxException;
import io.tunabledb.sql.Statement;
import java.io.IOException;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running database of this JVM, shared by all sessions whose URLs name it. The first session starts it, the last one's
 * close stops it.
 */
public final class Database {
    private static final Logger LOG = LoggerFactory.getLogger(Database.class);
    private static final Duration SHUTDOWN_PATIENCE = Duration.ofSeconds(10);
    /** Of the heap, but no less and no more than is of any use. */
    private static final int PARSED_SHARE = 16;

    private static final long LEAST_PARSED_BYTES = 2L << 20;
    private static final long MOST_PARSED_BYTES = 64L << 20;
    /** What a parsed statement takes beside its text: a tree of some thirty objects. */
    private static final int PARSED_OVERHEAD_BYTES = 1_000;

    private static final SecureRandom IDS = new SecureRandom();

    private static final ConcurrentHashMap<String, Slot> SLOTS = new ConcurrentHashMap<>();

    /**
     * A name and the database that runs under it. Its monitor guards starting, stopping and the count of users, so no
     * session joins a database that is stopping; other names are not held up meanwhile.
     */
    private static final class Slot {
        private @Nullable Database database;
        /** Nothing runs under the name any more: who comes now makes another slot. */
        private boolean isGone;

        private int users;
        /** When the last session ended, on {@link System#nanoTime}. */
        private long unusedSinceNanos;
        /** Somebody waits to stop it, who looks again when that was: one is enough, however often sessions end. */
        private boolean isStopAwaited;
    }

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(Database::stopAllSoon, "tunabledb-shutdown"));
    }

    /** The JVM's other hooks run beside ours, and an application's may use a pool that opens what was closed. */
    private static volatile boolean ending;

    private final String identity;
    private final Slot slot;
    private final DatabaseUrl creator;
    private final Nodes nodes;
    private final Watermark watermark;
    private final EmbeddedCluster cluster;
    private final Watchers watchers;
    private final Logins logins;
    private final LoadSampler sampler;
    private final SharedVectors sharedVectors;
    private final Cache<String, List<Statement>> parsed = Caffeine.newBuilder()
            .maximumWeight(parsedBytes(Runtime.getRuntime().maxMemory()))
            .weigher((String text, List<Statement> statements) -> parsedBytes(text))
            .build();

    private Database(
            String identity, Slot slot, DatabaseUrl creator, Nodes nodes, SlaMonitor monitor, RuleCounts ruleCounts)
            throws SQLException {
        this.identity = identity;
        this.slot = slot;
        this.creator = creator;
        this.nodes = nodes;
        this.sharedVectors = new SharedVectors(nodes.databaseId(), nodes.shards());
        this.watermark = new Watermark(creator.memoryWatermark());
        this.cluster = new EmbeddedCluster(nodes);
        this.logins = new Logins(() -> nodes.catalog().accounts(), new LoginThrottle(System::nanoTime));
        LoadMeter loads =
                new LoadMeter(creator.loadOptions(), System::nanoTime, LoadSampler.processors(), nodes::catalog);
        this.sampler = new LoadSampler(loads, identity);
        this.watchers = new Watchers(loads, monitor, ruleCounts);
    }

    /**
     * Opens a session.
     *
     * @throws SQLException 22023 when the URL differs from the running database in what can't differ, 08001 when it can't
     *     be started, 28000 when it has users and the URL does not name one with his password
     */
    public static EmbeddedSession connect(DatabaseUrl url) throws SQLException {
        String identity = url.identity();
        Database database;
        do {
            database = enter(identity, url);
        } while (database == null);
        EmbeddedSession session;
        try {
            Principal user = database.logins.require(url);
            session = database.session(url, user);
        } catch (SQLException | RuntimeException e) {
            database.release();
            throw e;
        }
        try {
            session.init();
            return session;
        } catch (SQLException | RuntimeException e) {
            session.close();
            throw e;
        }
    }

    /** The running database of a name, started if there is none; null when the last one of that name stopped this moment. */
    private static @Nullable Database enter(String identity, DatabaseUrl url) throws SQLException {
        if (ending) {
            throw Errors.of(
                    SqlState.CANNOT_CONNECT, "the JVM is ending and closes its databases; none is opened any more");
        }
        Slot slot = SLOTS.computeIfAbsent(identity, any -> new Slot());
        synchronized (slot) {
            if (slot.isGone) {
                return null;
            }
            try {
                Database database = slot.database;
                if (database == null) {
                    if (url.mustExist()
                            && !(url.kind() == DatabaseUrl.Kind.FILE && DatabaseDirectory.exists(url.path()))) {
                        throw SqlErrors.notThere(url.text());
                    }
                    RuleFile rules = url.rules().isEmpty() ? null : RuleFile.read(url.rules());
                    database = start(identity, slot, url);
                    slot.database = database;
                    database.completeOrStop(rules, url);
                } else {
                    database.requireSame(url);
                }
                slot.users++;
                return database;
            } finally {
                leaveIfEmpty(identity, slot);
            }
        }
    }

    /** How many names are in use in this JVM. */
    static int names() {
        return SLOTS.size();
    }

    /** Holding the slot. */
    private static void leaveIfEmpty(String identity, Slot slot) {
        if (slot.database == null) {
            slot.isGone = true;
            SLOTS.remove(identity, slot);
        }
    }

    /** Nobody gets a session before all shards have one schema and the rules hold; without them there is no database. */
    private void completeOrStop(@Nullable RuleFile rules, DatabaseUrl url) throws SQLException {
        nodes.rerouteBy(new MovedWrites(nodes, home -> state(url, newVector(), home)));
        if (rules == null && nodes.shards() == 1) {
            return;
        }
        // part of the opening, so no statement's patience: what is slow now is the machine
        Duration patience = Collections.max(List.of(url.startTimeout(), url.consistencyTimeout()));
        try (SessionState state = state(url, newVector(), 0, patience)) {
            new SchemaChanges(state, SchemaChanges.Limits.of(url)).recover();
            if (rules != null) {
                logins.requireAdmin(url, "rules=" + url.rules() + " in the URL");
                rules.apply(new SettingsPath(state.at(0)));
            }
        } catch (SQLException | RuntimeException e) {
            stop();
            throw e;
        }
    }

    private static Database start(String identity, Slot slot, DatabaseUrl url) throws SQLException {
        long startedNanos = System.nanoTime();
        H2Version.require();
        RatisVersion.require();
        Warmup.begin();
        DatabaseDirectory directory = null;
        SlaMonitor monitor = new SlaMonitor(url.slaKeys());
        try {
            directory = directory(url);
            boolean durable = directory.isDurable();
            // the tables are made before the nodes they look at
            AtomicReference<@Nullable Nodes> running = new AtomicReference<>();
            RuleCounts ruleCounts = new RuleCounts(() ->
                    catalog(running.get()).rules().stream().map(Rule::name).collect(Collectors.toUnmodifiableSet()));
            List<SystemTable> systemTables = new ArrayList<>(monitor.tables());
            systemTables.addAll(AccessTables.of(() -> catalog(running.get()).accounts()));
            systemTables.add(RuleTable.of(() -> catalog(running.get()), ruleCounts));
            Nodes.NodeOptions options = new Nodes.NodeOptions(
                    url.replicas(),
                    url.shards(),
                    url.electionTimeout(),
                    url.consistencyTimeout(),
                    url.leaderLease(),
                    url.maxTransaction(),
                    new ReplicaOptions(
                            url.catalog(),
                            url.definitionGrace(),
                            url.snapshotAfter(),
                            durable,
                            url.diskReserve(),
                            url.shards(),
                            new BucketPlacement(url.shards())),
                    new OutboxOptions(
                            url.outboxEntries(),
                            url.outboxBytes(),
                            url.consistencyTimeout(),
                            url.outboxDrain(),
                            durable),
                    monitor::applied,
                    systemTables);
            Duration patience = url.startTimeout();
            LeavingOut.Start start = in -> Nodes.start(in, options, patience);
            EntryName skipped = url.skipEntry();
            Nodes nodes = skipped == null
                    ? start.in(directory)
                    : new LeavingOut(skipped, () -> directory(url), start, patience).from(directory);
            LOG.info("{} started in {} ms", identity, (System.nanoTime() - startedNanos) / 1_000_000);
            monitor.start(nodes.nodes(), node -> nodes.replica(node, 0).isAlive());
            running.set(nodes);
            return new Database(identity, slot, url, nodes, monitor, ruleCounts);
        } catch (LeavingOut.RefusedException e) {
            monitor.close();
            closeQuietly(directory);
            throw Errors.of(SqlState.INVALID_ARGUMENT, "database '" + url.text() + "': " + e.getMessage(), e);
        } catch (IOException e) {
            monitor.close();
            closeQuietly(directory);
            throw Errors.of(
                    e instanceof NoRoomException ? SqlState.DISK_FULL : SqlState.CANNOT_CONNECT,
                    "database '" + url.text() + "' can't be started: " + e.getMessage(),
                    e);
        }
    }

    private static DatabaseDirectory directory(DatabaseUrl url) throws IOException, SQLException {
        return url.kind() == DatabaseUrl.Kind.MEM
                ? DatabaseDirectory.temporary(url.compatibility().chosen())
                : DatabaseDirectory.open(url.path(), url.shards(), url.replicas(), url.compatibility());
    }

    private static Catalog catalog(@Nullable Nodes nodes) {
        return nodes == null ? Catalog.EMPTY : nodes.catalog();
    }

    private static void closeQuietly(@Nullable DatabaseDirectory directory) {
        if (directory == null) {
            return;
        }
        try {
            directory.close();
        } catch (IOException e) {
            LOG.warn("could not close the folder of a database that did not start", e);
        }
    }

    private void requireSame(DatabaseUrl url) throws SQLException {
        String difference = url.compatibility().differenceTo(nodes.compatibility());
        if (difference != null) {
            throw Errors.of(
                    SqlState.INVALID_ARGUMENT,
                    "database '" + url.text() + "' " + difference + "; leave it out, this is fixed at creation");
        }
        for (Property property : List.of(
                Property.SHARDS,
                Property.REPLICAS,
                Property.LINEARIZABLE_READS,
                Property.ELECTION_TIMEOUT,
                Property.SNAPSHOT_AFTER,
                Property.MAX_TRANSACTION,
                Property.OUTBOX_ENTRIES,
                Property.OUTBOX_BYTES,
                Property.OUTBOX_DRAIN,
                Property.DISK_RESERVE,
                Property.RULES,
                Property.SKIP_ENTRY,
                Property.LOAD_SOURCES,
                Property.LOAD_CAPACITY,
                Property.LOAD_QUEUE_WAIT,
                Property.LOAD_ENTER,
                Property.LOAD_LEAVE,
                Property.LOAD_MARGIN)) {
            // left out, it means "as it runs"
            if (url.properties().containsKey(property) && !url.value(property).equals(creator.value(property))) {
                throw Errors.of(
                        SqlState.INVALID_ARGUMENT,
                        "database '" + url.text() + "' already runs with " + property.key() + "="
                                + creator.value(property) + "; leave it out, or close every connection first");
            }
        }
    }

    private EmbeddedSession session(DatabaseUrl url, @Nullable Principal user) throws SQLException {
        if (url.home() > nodes.nodes()) {
            throw Errors.of(
                    SqlState.INVALID_ARGUMENT,
                    "home=" + url.home() + ", but the database has " + nodes.nodes() + " nodes");
        }
        SessionVector vector = url.sharesToken() ? sharedVectors.enter(scope(url)) : newVector();
        try {
            SessionState state = state(url, vector, url.home());
            EmbeddedSession session = new EmbeddedSession(this, url, state);
            if (user != null) {
                state.access().loggedIn(user);
            }
            return session;
        } catch (SQLException | RuntimeException e) {
            leave(url);
            throw e;
        }
    }

    private SessionState state(DatabaseUrl url, SessionVector vector, int home) throws SQLException {
        return state(url, vector, home, url.consistencyTimeout());
    }

    private SessionState state(DatabaseUrl url, SessionVector vector, int home, Duration patience) throws SQLException {
        long id = IDS.nextLong() | 1;
        return new SessionState(
                nodes,
                vector,
                new SessionState.Seat(id, home, patience, url.maxGatherRows(), watermark),
                watchers.monitor().sampler(url.auditSample(), id),
                watchers.monitor().waits());
    }

    /** What a session of that URL has seen when its next borrower comes. */
    SessionVector fresh(DatabaseUrl url, SessionVector seen) {
        return url.sharesToken() ? seen : newVector();
    }

    /** A session of that URL is closed. */
    void leave(DatabaseUrl url) {
        if (url.sharesToken()) {
            sharedVectors.leave(scope(url));
        }
    }

    /** Equal properties share a token; the map's order must not matter, nor how the path to the database is written. */
    private static String scope(DatabaseUrl url) {
        return new TreeMap<>(url.properties()).toString();
    }

    private SessionVector newVector() {
        return new SessionVector(nodes.databaseId(), nodes.shards());
    }

    /** How much of a heap the parsed statements of a database may have, by {@link #parsedBytes(String)}. */
    static long parsedBytes(long heapBytes) {
        return Math.max(LEAST_PARSED_BYTES, Math.min(MOST_PARSED_BYTES, heapBytes / PARSED_SHARE));
    }

    /** Longer statements have larger trees: about three bytes for each character, and the text itself. */
    private static int parsedBytes(String text) {
        return PARSED_OVERHEAD_BYTES + (int) Math.min(Integer.MAX_VALUE / 2, 4L * text.length());
    }

    List<Statement> parse(String sql) throws SQLException {
        List<Statement> known = parsed.getIfPresent(sql);
        if (known != null) {
            return known;
        }
        try {
            List<Statement> statements = SqlParser.parse(sql);
            // a text that has a password is not kept for longer than it takes
            if (statements.stream().noneMatch(Statement.OfUsers.class::isInstance)) {
                parsed.put(sql, statements);
            }
            return statements;
        } catch (SqlSyntaxException e) {
            throw Errors.of(SqlState.SYNTAX, Objects.requireNonNull(e.getMessage()), e);
        }
    }

    /** What watches the statements of all its sessions. */
    Watchers watchers() {
        return watchers;
    }

    EmbeddedCluster cluster() {
        return cluster;
    }

    /** A session ended. */
    void release() {
        Duration delay = closeDelay();
        synchronized (slot) {
            slot.users--;
            if (slot.users > 0 || delay == null) {
                return;
            }
            if (delay.isZero()) {
                stop();
                return;
            }
            slot.unusedSinceNanos = System.nanoTime();
            if (slot.isStopAwaited) {
                return;
            }
            slot.isStopAwaited = true;
        }
        Thread later = new Thread(() -> stopAfter(delay), "tunabledb-close-delay");
        later.setDaemon(true);
        later.start();
    }

    private void stopAfter(Duration delay) {
        long leftNanos = delay.toNanos();
        while (leftNanos > 0) {
            try {
                TimeUnit.NANOSECONDS.sleep(leftNanos);
            } catch (InterruptedException e) {
                // nobody has this thread to interrupt it
                LOG.debug("interrupted while {} was waiting for its next session", identity, e);
            }
            leftNanos = stopIfUnused(delay);
        }
    }

    /** How long to wait on, in nanoseconds; 0 when it is stopped, or used: then its last session's end begins anew. */
    private long stopIfUnused(Duration delay) {
        synchronized (slot) {
            long leftNanos = slot.unusedSinceNanos + delay.toNanos() - System.nanoTime();
            if (slot.users == 0 && leftNanos > 0) {
                return leftNanos;
            }
            slot.isStopAwaited = false;
            if (slot.users == 0) {
                stop();
            }
            return 0;
        }
    }

    private @Nullable Duration closeDelay() {
        try {
            return creator.closeDelay();
        } catch (SQLException e) {
            throw new IllegalStateException("checked when the URL was parsed", e);
        }
    }

    /** Holding the slot: a new connection waits until the path is free again. */
    private void stop() {
        if (slot.database == this) {
            slot.database = null;
            try {
                sampler.close();
                watchers.monitor().close();
                nodes.close();
            } finally {
                leaveIfEmpty(identity, slot);
            }
        }
    }

    /** A statement that storage can't end must not keep the JVM from ending: what is acknowledged is in the log. */
    private static void stopAllSoon() {
        ending = true;
        Thread stopping = new Thread(Database::stopAll, "tunabledb-stop");
        stopping.setDaemon(true);
        stopping.start();
        try {
            stopping.join(SHUTDOWN_PATIENCE.toMillis());
            if (stopping.isAlive()) {
                LOG.warn("a database did not stop within {}; the JVM ends without it", SHUTDOWN_PATIENCE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void stopAll() {
        SLOTS.forEach((identity, slot) -> {
            synchronized (slot) {
                Database database = slot.database;
                if (database != null) {
                    database.stopAtExit();
                }
            }
        });
    }

    private void stopAtExit() {
        try {
            stop();
        } catch (RuntimeException e) {
            LOG.warn("{} did not close cleanly; its log is replayed at the next start", identity, e);
        }
    }
}
