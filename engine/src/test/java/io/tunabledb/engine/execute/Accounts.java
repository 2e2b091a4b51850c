package io.tunabledb.engine.execute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.session.Cluster;
import io.tunabledb.engine.execute.session.Leaders.Resolution;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.transaction.CrossCommit;
import io.tunabledb.engine.execute.transaction.CrossCommit.Branch;
import io.tunabledb.engine.execute.transaction.CrossCommit.Terms;
import io.tunabledb.engine.h2.Writer;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.sharding.ShardOf;
import io.tunabledb.engine.h2.sql.TableName;
import io.tunabledb.engine.heap.Watermark;
import io.tunabledb.engine.log.LogStatus;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.monitor.SlaMonitor;
import io.tunabledb.engine.node.DatabaseDirectory;
import io.tunabledb.engine.node.Nodes;
import io.tunabledb.engine.outbox.OutboxOptions;
import io.tunabledb.engine.session.SessionVector;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.ReplicaOptions;
import io.tunabledb.engine.shard.ShardLeader;
import io.tunabledb.engine.shard.held.ActiveTransaction;
import io.tunabledb.engine.shard.log.Outcome;
import io.tunabledb.engine.shard.log.TransactionId;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/** Three nodes with three shards, in each a table of {@link #ROWS} accounts of {@link #EACH}, and what tests do to them. */
public final class Accounts implements AutoCloseable {
    public static final int NODES = 3;
    public static final int SHARDS = 3;
    public static final int ROWS = 32;
    public static final long EACH = 100;
    public static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final AtomicLong IDS = new AtomicLong(1_000);

    public final Nodes nodes;
    private final SlaMonitor monitor = new SlaMonitor(10);

    public Accounts() throws Exception {
        this(DatabaseDirectory.temporary());
        create();
    }

    public void create() throws Exception {
        for (int shard = 0; shard < SHARDS; shard++) {
            define(shard, "CREATE TABLE ACC(ID INT PRIMARY KEY, N BIGINT NOT NULL)");
            String insert = "INSERT INTO ACC SELECT X, " + EACH + " FROM SYSTEM_RANGE(1, " + ROWS + ")";
            assertThat(commit(session(), List.of(branch(session(), shard, insert))))
                    .isInstanceOf(Resolution.Committed.class);
        }
    }

    /** Without tables, or with those that are there. */
    public Accounts(DatabaseDirectory directory) throws IOException {
        this(directory, Duration.ofMillis(500), (node, shard, index) -> {});
    }

    /** The same, with a watch that may hold a node's replicas up: it is told on the threads that apply. */
    public Accounts(DatabaseDirectory directory, Duration electionTimeout, Nodes.ApplyWatch watch) throws IOException {
        nodes = Nodes.start(
                directory,
                new Nodes.NodeOptions(
                        NODES,
                        SHARDS,
                        electionTimeout,
                        Duration.ofMillis(1_500),
                        false,
                        1 << 20,
                        new ReplicaOptions(
                                "ACCOUNTS",
                                Duration.ofMillis(300),
                                1 << 30,
                                false,
                                0,
                                SHARDS,
                                ShardOf.ONLY.placement()),
                        new OutboxOptions(1_000, 1 << 20, Duration.ofSeconds(5), Duration.ZERO, false),
                        watch,
                        List.of()),
                PATIENCE);
    }

    public void define(int shard, String sql) throws Exception {
        Outcome outcome = leader(shard)
                .define(
                        new TransactionId(IDS.incrementAndGet(), 1),
                        new SchemaChange("PUBLIC", sql),
                        List.of(new TableName("PUBLIC", "ACC")),
                        false)
                .get(60, TimeUnit.SECONDS)
                .outcome();
        assertThat(outcome.error()).as(sql).isNull();
    }

    public SessionState session() {
        return session(0);
    }

    /** One that reaches the others through a node; 0: it is next to all. */
    SessionState session(int home) {
        return session(home, PATIENCE);
    }

    /** The same with another patience. */
    SessionState session(int home, Duration patience) {
        long id = IDS.incrementAndGet();
        return new SessionState(
                apart(home),
                new SessionVector(nodes.databaseId(), SHARDS),
                new SessionState.Seat(id, home, patience, 1_000, new Watermark(1)),
                monitor.sampler(0, id),
                monitor.waits());
    }

    /** As a session next to one node sees them, which reads at the others by message, whether assertions are on or not. */
    private Cluster apart(int home) {
        return home == 0
                ? nodes
                : (Cluster) Proxy.newProxyInstance(
                        Cluster.class.getClassLoader(), new Class<?>[] {Cluster.class}, (self, method, arguments) -> {
                            if (method.getName().equals("own") && !arguments[0].equals(arguments[1])) {
                                return null;
                            }
                            try {
                                return method.invoke(nodes, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }

    /** Who leads a shard, once somebody does. */
    public ShardLeader leader(int shard) {
        until(() -> leading(shard) != null);
        ShardLeader found = leading(shard);
        return found == null ? leader(shard) : found;
    }

    /** One that was deposed and has not heard of it yet is none: somebody of a majority knows a later term. */
    private ShardLeader leading(int shard) {
        ShardLeader found = null;
        long latest = 0;
        for (int node = 1; node <= NODES; node++) {
            Replica replica = nodes.replica(node, shard);
            LogStatus status = replica.status();
            if (isInTouch(node) && status.term() >= latest) {
                found = status.leading() ? nodes.leader(node, shard) : status.term() == latest ? found : null;
                latest = status.term();
            }
        }
        return found;
    }

    /** Gives a shard's lead to a node. */
    public void lead(int shard, int node) {
        until(() -> {
            Replica leader = leader(shard).replica();
            if (leader.node() != node) {
                leader.handOver(node);
            }
            return leader.node() == node;
        });
    }

    private boolean isInTouch(int node) {
        return nodes.network().reaches(node, 1 + node % NODES)
                || nodes.network().reaches(node, 1 + (node + 1) % NODES);
    }

    /** Two shards that different nodes lead; one that leads all is cut off until others were elected. */
    public int[] separated() {
        for (int round = 0; round < 20; round++) {
            int first = leader(0).replica().node();
            for (int shard = 1; shard < SHARDS; shard++) {
                if (leader(shard).replica().node() != first) {
                    return new int[] {0, shard};
                }
            }
            nodes.network().isolate(first);
            for (int shard = 0; shard < SHARDS; shard++) {
                int moved = shard;
                until(() -> leader(moved).replica().node() != first);
            }
            nodes.network().heal(first);
        }
        throw new AssertionError("one node was elected for all shards, twenty times");
    }

    public static String move(int row, long amount) {
        return "UPDATE ACC SET N = N + " + amount + " WHERE ID = " + row;
    }

    /** Begins a transaction in a shard and runs statements. */
    public Branch branch(SessionState session, int shard, String... statements) throws SQLException {
        while (true) {
            Branch begun = branchAt(leader(shard), session, statements);
            if (begun != null) {
                return begun;
            }
        }
    }

    /** The same at one leader; null when it leads no more, so that what the statements found, as in a session, is no result. */
    public Branch branchAt(ShardLeader leader, SessionState session, String... statements) throws SQLException {
        Writer writer = leader.openWriter();
        ActiveTransaction held;
        try {
            held = leader.begin(writer, session.id());
        } catch (NotLeaderException e) {
            writer.close();
            return null;
        }
        if (!held.enter()) {
            return null;
        }
        boolean done = false;
        try (Statement statement = writer.connection().createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
            byte[] changes = writer.changes();
            done = held.isOpen();
            return done
                    ? new Branch(
                            session.at(leader.replica().shard()), leader, held, changes, new byte[0], writer::abandon)
                    : null;
        } finally {
            held.leave();
            if (!done) {
                leader.rollBack(held);
            }
        }
    }

    /** A transfer over shards: row 1's neighbours of each shard gain and lose what adds up to nothing. */
    public List<Branch> transfer(SessionState session, int row, int... shards) throws SQLException {
        List<Branch> branches = new ArrayList<>();
        for (int i = 0; i < shards.length; i++) {
            long amount = i == 0 ? shards.length - 1 : -1;
            branches.add(branch(session, shards[i], move(row, amount)));
        }
        return branches;
    }

    public Resolution commit(SessionState session, List<Branch> branches) throws SQLException {
        return commit(session, branches, PATIENCE);
    }

    public Resolution commit(SessionState session, List<Branch> branches, Duration patience) throws SQLException {
        Terms terms = new Terms(session.nextNumber(), Outcome.count(1), "transaction", Deadline.in(patience), patience);
        return new CrossCommit(session, branches, terms).commit();
    }

    /** What an account has at a shard's leader. */
    public long balance(int shard, int row) throws SQLException {
        return query(leader(shard).replica(), "SELECT N FROM ACC WHERE ID = " + row);
    }

    /** What all accounts have at the leaders together. */
    public long total() throws SQLException {
        long total = 0;
        for (int shard = 0; shard < SHARDS; shard++) {
            total += query(leader(shard).replica(), "SELECT SUM(N) FROM ACC");
        }
        return total;
    }

    public static long query(Replica replica, String sql) throws SQLException {
        try (var connection = replica.storage().openReader();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).isTrue();
            return rows.getLong(1);
        }
    }

    /** Starts the nodes that were killed. */
    public void restartKilled() throws IOException {
        for (int node = 1; node <= NODES; node++) {
            if (!nodes.replica(node, 0).isAlive()) {
                nodes.restart(node);
            }
        }
    }

    /** Waits until nothing is in doubt at the leaders of these shards. */
    public void settleInDoubt(int... shards) {
        until(() -> {
            for (int shard : shards) {
                if (!leader(shard).replica().inDoubt().isEmpty()) {
                    return false;
                }
            }
            return true;
        });
    }

    /** Waits until nothing is in doubt anywhere, every decision is forgotten, and all replicas have the same. */
    public void settle() {
        until(() -> {
            for (int shard = 0; shard < SHARDS; shard++) {
                long applied = leader(shard).replica().applied();
                for (int node = 1; node <= NODES; node++) {
                    Replica replica = nodes.replica(node, shard);
                    if (!replica.isAlive()
                            || replica.applied() < applied
                            || !replica.inDoubt().isEmpty()
                            || replica.undelivered() > 0) {
                        return false;
                    }
                }
            }
            return true;
        });
    }

    /** The same rows in every replica, nothing in doubt, nothing lost. */
    public void assertWhole() throws SQLException {
        settle();
        assertThat(total()).isEqualTo(SHARDS * ROWS * EACH);
        for (int shard = 0; shard < SHARDS; shard++) {
            String rows = "SELECT SUM(N * ID * ID) FROM ACC";
            long expected = query(leader(shard).replica(), rows);
            for (int node = 1; node <= NODES; node++) {
                assertThat(query(nodes.replica(node, shard), rows)).isEqualTo(expected);
                assertThat(nodes.replica(node, shard).storage().own().prepared())
                        .isEmpty();
                assertThat(nodes.replica(node, shard).storage().own().decided()).isEmpty();
            }
        }
    }

    public static void until(BooleanSupplier state) {
        await().pollDelay(Duration.ZERO)
                .pollInterval(2, TimeUnit.MILLISECONDS)
                .atMost(PATIENCE)
                .until(state::getAsBoolean);
    }

    @Override
    public void close() {
        nodes.network().heal();
        nodes.close();
    }
}
