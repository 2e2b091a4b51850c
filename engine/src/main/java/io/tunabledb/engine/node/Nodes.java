package io.tunabledb.engine.node;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.cut.Coordinator;
import io.tunabledb.engine.cut.Releases;
import io.tunabledb.engine.deadlock.DeadlockSearch;
import io.tunabledb.engine.execute.session.Cluster;
import io.tunabledb.engine.h2.catalog.SystemSchema;
import io.tunabledb.engine.h2.catalog.SystemTable;
import io.tunabledb.engine.h2.gather.Gathering;
import io.tunabledb.engine.h2.internals.Compatibility;
import io.tunabledb.engine.log.ReplicaStateMachine;
import io.tunabledb.engine.log.ShardLog;
import io.tunabledb.engine.log.Shortage;
import io.tunabledb.engine.message.Carrier;
import io.tunabledb.engine.message.News;
import io.tunabledb.engine.message.NodeReport;
import io.tunabledb.engine.net.Network;
import io.tunabledb.engine.outbox.Batches;
import io.tunabledb.engine.outbox.LogOpener;
import io.tunabledb.engine.outbox.Outbox;
import io.tunabledb.engine.outbox.OutboxOptions;
import io.tunabledb.engine.outbox.OutboxStatus;
import io.tunabledb.engine.outbox.Rerouting;
import io.tunabledb.engine.peer.CutPeers;
import io.tunabledb.engine.peer.InProcess;
import io.tunabledb.engine.peer.LeaderDecisions;
import io.tunabledb.engine.peer.LeaderDelivery;
import io.tunabledb.engine.peer.LeaderLocks;
import io.tunabledb.engine.peer.Member;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.ratis.CoveredLog;
import io.tunabledb.engine.ratis.LocalNodes;
import io.tunabledb.engine.ratis.RatisConfig;
import io.tunabledb.engine.ratis.RatisNode;
import io.tunabledb.engine.ratis.TornTail;
import io.tunabledb.engine.ratis.Votes;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.ReplicaListener;
import io.tunabledb.engine.shard.ReplicaOptions;
import io.tunabledb.engine.shard.Replicas;
import io.tunabledb.engine.shard.ShardLeader;
import io.tunabledb.engine.shard.log.Decisions;
import io.tunabledb.engine.shard.log.EntryFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All nodes of one database in this JVM. */
public final class Nodes implements Cluster, ReplicaListener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Nodes.class);
    /** The shard of what is not spread: unsharded tables, the catalog. */
    private static final int FIRST = 0;
    /** What an entry has around the changes and the outcome. */
    private static final int ENTRY_OVERHEAD_BYTES = 1 << 16;

    /** As many statements over several shards find a private database ready; more at one time make their own. */
    private static final int KEPT_PRIVATE_DATABASES = 8;

    /** One running node: a replica of every shard, each a possible leader. */
    private record Running(
            RatisNode node, List<Replica> replicas, List<ShardLeader> leaders, Outbox outbox, Coordinator coordinator) {
        boolean isAlive() {
            return replicas.stream().allMatch(Replica::isAlive);
        }

        boolean isVoting() {
            return isAlive() && node.isVoting();
        }

        void close(boolean withSnapshot) {
            outbox.close();
            node.close();
            replicas.forEach(replica -> replica.close(withSnapshot));
        }
    }

    /** The log of a node alone is its outbox's. */
    private record OwnLog(RatisNode node, Path folder) implements LogOpener {
        @Override
        public boolean isPresent() {
            return Files.isDirectory(folder);
        }

        @Override
        public ShardLog open(ReplicaStateMachine stateMachine, int maxEntryBytes, byte[] replacement)
                throws IOException {
            return node.openOwnLog(stateMachine, folder, maxEntryBytes, replacement);
        }
    }

    private final DatabaseDirectory directory;
    private final NodeOptions options;
    private final LocalNodes local = new LocalNodes(new Network());
    private final AtomicReferenceArray<Running> running;
    private final ExecutorService executor;
    private final ScheduledExecutorService scheduler;
    private final ClusterStatus status;
    private final SystemSchema systemSchema;
    private final InProcess network;
    private final Decisions decisions;
    /** Its own: a node that is started or stopped under this object's monitor waits for the log's thread, which comes here. */
    private final Object catalogLock = new Object();

    private final Gathering gathering = new Gathering(KEPT_PRIVATE_DATABASES);
    private final Lock definitions = new ReentrantLock(true);
    private final Releases releases;
    private final CutPeers cutPeers;
    private final LeaderDelivery delivery;
    private final Rebuilding rebuilding;
    private final DeadlockSearch deadlocks;
    private final DiskWatch disks;
    private final Reached reached;
    private volatile Catalog catalog = Catalog.EMPTY;
    private volatile Rerouting rerouting;
    /** Nodes that a rebuild has stopped and not started yet. Guarded by this object's monitor. */
    private final BitSet isStoppedToMend = new BitSet();
    /** Written under this object's monitor: no node is started after the others were closed. */
    private volatile boolean closed;

    /**
     * How the nodes run.
     *
     * @param nodes how many
     * @param shards how many replicas each of them has, one of every shard
     * @param electionTimeout the shortest; the longest is twice as long
     * @param requestTimeout how long an append or a read index may take
     * @param maxTransactionBytes the most that one transaction's changes may have in the log
     * @param outbox how the nodes keep and forward weak writes
     * @param watch is told of every entry applied
     * @param systemTables what schema TUNABLE shows beside the tables about the cluster
     */
    public record NodeOptions(
            int nodes,
            int shards,
            Duration electionTimeout,
            Duration requestTimeout,
            boolean leaderLease,
            int maxTransactionBytes,
            ReplicaOptions replica,
            OutboxOptions outbox,
            ApplyWatch watch,
            List<SystemTable> systemTables) {}

    /** Is told when an entry that changed rows or the schema is applied at a node. On its apply thread: be quick. */
    @FunctionalInterface
    public interface ApplyWatch {
        void applied(int node, int shard, long index);
    }

    private Nodes(DatabaseDirectory directory, NodeOptions options) {
        this.directory = directory;
        this.options = options;
        this.running = new AtomicReferenceArray<>(options.nodes() + 1);
        this.executor = Executors.newCachedThreadPool(daemons("tunabledb-work"));
        this.scheduler = Executors.newSingleThreadScheduledExecutor(daemons("tunabledb-timer"));
        this.rerouting = options.shards() == 1 ? Rerouting.NEVER : Rerouting.NOT_YET;
        this.rebuilding = new Rebuilding(scheduler, executor, this::allReplicas, this::rebuild);
        this.disks = new DiskWatch(
                options.nodes(),
                directory::node,
                this::waitingLog,
                new ShortDisk(options.nodes(), node -> at(node).replicas, this::isVoting),
                options.replica().diskReserveBytes());
        this.reached = directory.reached();
        this.releases = new Releases(options.nodes());
        this.network = new InProcess(local.network(), options.nodes());
        this.decisions = new LeaderDecisions(network, network);
        this.cutPeers = new CutPeers(network, network, options.nodes(), options.shards());
        this.delivery = new LeaderDelivery(network, network, options.shards());
        // whose sessions are next to any of the nodes
        this.deadlocks = new DeadlockSearch(new LeaderLocks(network, 0, options.nodes()), scheduler, executor);
        this.status = new ClusterStatus(network, options.nodes());
        this.systemSchema = ClusterTables.with(
                status, options.shards(), directory::skipped, options.systemTables(), directory.compatibility());
    }

    /** From now on weak writes whose tables have changed shards are carried out by it. */
    public void rerouteBy(Rerouting moved) {
        if (options.shards() > 1) {
            rerouting = moved;
        }
    }

    /**
     * Starts every node and waits until one leads.
     *
     * @param patience how long this may go on without any progress
     */
    public static Nodes start(DatabaseDirectory directory, NodeOptions options, Duration patience) throws IOException {
        Nodes nodes = new Nodes(directory, options);
        try {
            nodes.startAll();
            nodes.awaitServing(new Opening(nodes, patience));
            nodes.local.freeElections();
            directory.formed();
            nodes.reached.begin(nodes.scheduler, nodes.executor, nodes::noteReached);
            nodes.disks.look();
            nodes.disks.begin(nodes.scheduler, nodes.executor);
            nodes.reportLostOutboxes();
            nodes.numbers().forEach(node -> nodes.outbox(node).resume());
            return nodes;
        } catch (IOException | RuntimeException e) {
            nodes.close();
            throw e;
        }
    }

    private void startAll() throws IOException {
        List<Integer> lost = lostNodes();
        if (!isMajority(options.nodes() - lost.size())) {
            throw new IOException("the folders of nodes " + lost + " of " + options.nodes()
                    + " are gone, lack the log of a shard or more, or were being rebuilt when the process ended, and"
                    + " the others are no majority: what they hold may be old; nothing was changed; restore the"
                    + " folders, or delete the whole directory to begin anew");
        }
        for (int node : lost) {
            directory.clearLost(node, options.shards());
            directory.beginRejoining(node);
        }
        local.holdElections();
        try {
            startTogether(lost);
        } catch (IOException e) {
            LOG.warn("not every node could be started; trying them one by one", e);
            local.holdElections();
            startEach(lost);
            local.admitLatest();
        }
        for (int shard = 0; shard < options.shards(); shard++) {
            reached.require(shard, local.lastIndexAtOpening(directory.database(), shard));
        }
    }

    /** When a majority lacks only its votes, they are made anew; see {@link Votes}. */
    private List<Integer> lostNodes() throws IOException {
        List<Integer> lost = new ArrayList<>();
        List<Integer> voteless = new ArrayList<>();
        for (int node : numbers()) {
            if (directory.lostNode(node, options.shards())) {
                lost.add(node);
                if (directory.lacksOnlyVotes(node, options.shards())) {
                    voteless.add(node);
                }
            }
        }
        int whole = options.nodes() - lost.size();
        if (!isMajority(whole) && isMajority(whole + voteless.size())) {
            makeVotesAnew(voteless);
            lost.removeAll(voteless);
        }
        return lost;
    }

    /** Returns those of the nodes that had one that was not right. */
    private Set<Path> makeVotesAnew(Collection<Integer> nodes) throws IOException {
        return Votes.makeAnew(folders(numbers()), folders(nodes), directory.database(), options.shards());
    }

    private List<Path> folders(Collection<Integer> nodes) {
        return nodes.stream().map(directory::node).toList();
    }

    /** What any replica of a shard has applied, a majority has. */
    private void noteReached(Reached.State state) {
        noteVotes();
        for (int shard = 0; shard < options.shards(); shard++) {
            long most = 0;
            for (int node : numbers()) {
                most = Math.max(most, replica(node, shard).applied());
            }
            state.applied(shard, most);
        }
        for (int node : numbers()) {
            OutboxStatus status = outbox(node).status();
            Reached.Given before = reached.outbox(node);
            if (status.incarnation() != 0) {
                state.acknowledged(node, new Reached.Given(status.incarnation(), status.accepted()));
            } else if (before != null) {
                state.acknowledged(node, before);
            }
        }
    }

    /** A node that has its vote back starts with it from now on. */
    private void noteVotes() {
        for (int node : numbers()) {
            try {
                if (isVoting(node)) {
                    directory.endRejoining(node);
                }
            } catch (IOException e) {
                LOG.debug("n{} has its vote; noted later", node, e);
            }
        }
    }

    /** An outbox that is gone looks like one that never was: what it had acknowledged and nobody carried out is lost. */
    private void reportLostOutboxes() {
        for (int node : numbers()) {
            Reached.Given given = reached.outbox(node);
            if (given != null && given.accepted() > carriedOut(given.incarnation())) {
                outbox(node).expect(given.incarnation(), given.accepted(), carriedOut(given.incarnation()));
            }
        }
    }

    /** The last number of an outbox that any shard has carried out, as far as any replica knows. */
    private long carriedOut(long incarnation) {
        return IntStream.range(0, options.shards())
                .mapToLong(shard -> carriedOut(shard, incarnation))
                .max()
                .orElse(0);
    }

    private boolean isMajority(int count) {
        return 2 * count > options.nodes();
    }

    private void startTogether(List<Integer> lost) throws IOException {
        List<Integer> all = numbers();
        List<List<Replica>> replicas = all.stream().map(this::newReplicas).toList();
        List<RatisConfig> configs = IntStream.range(0, all.size())
                .mapToObj(i -> config(all.get(i), replicas.get(i), lost.contains(all.get(i))))
                .toList();
        List<RatisNode> started;
        try {
            started = RatisNode.startAll(configs, local);
        } catch (IOException | RuntimeException e) {
            replicas.forEach(ofNode -> ofNode.forEach(replica -> replica.close(false)));
            throw e;
        }
        for (int i = 0; i < all.size(); i++) {
            install(started.get(i), replicas.get(i));
        }
    }

    /** What a minority holds that can't be used is set aside, and they are rebuilt by the others. */
    private void startEach(List<Integer> lost) throws IOException {
        Map<Integer, IOException> broken = new TreeMap<>();
        for (int node : numbers()) {
            try {
                startOne(node, lost.contains(node));
            } catch (IOException e) {
                broken.put(node, e);
            }
        }
        if (!isMajority(options.nodes() - lost.size() - broken.size())) {
            startWithVotes(broken);
            startTorn(broken);
        }
        if (!isMajority(options.nodes() - lost.size() - broken.size())) {
            IOException first = broken.values().iterator().next();
            throw new IOException(
                    "nodes " + broken.keySet() + " of " + options.nodes()
                            + " can't be started, and the others are no majority; the first of them said: "
                            + Causes.text(first),
                    first);
        }
        for (Map.Entry<Integer, IOException> one : broken.entrySet()) {
            Path aside = directory.setAside(one.getKey());
            LOG.error(
                    "node {} can't be started from its folder, which is now {}; it is rebuilt by the others",
                    one.getKey(),
                    aside,
                    one.getValue());
            startOne(one.getKey(), true);
        }
    }

    /** A vote of a term before its log's is an old one. */
    private void startWithVotes(Map<Integer, IOException> broken) throws IOException {
        Set<Path> changed = makeVotesAnew(broken.keySet());
        for (int node : List.copyOf(broken.keySet())) {
            if (changed.contains(directory.node(node))) {
                try {
                    startOne(node, false);
                    broken.remove(node);
                } catch (IOException e) {
                    broken.put(node, e);
                }
            }
        }
    }

    /**
     * When a majority can't be started, the power may have failed under all of them at once, or what is damaged is covered by
     * snapshots that are whole.
     */
    private void startTorn(Map<Integer, IOException> broken) {
        for (int node : List.copyOf(broken.keySet())) {
            try {
                startTorn(node, Objects.requireNonNull(broken.get(node)));
                broken.remove(node);
            } catch (IOException e) {
                broken.put(node, e);
            }
        }
    }

    private void startTorn(int node, IOException why) throws IOException {
        Path folder = directory.node(node);
        IOException found = why;
        try {
            if (TornTail.cut(folder)) {
                startOne(node, false);
                return;
            }
        } catch (IOException e) {
            found = e;
        }
        CoveredLog covered = CoveredLog.putAside(folder);
        try {
            if (covered.isAny()) {
                startOne(node, false);
                return;
            }
        } catch (IOException e) {
            LOG.debug("n{} can't be started without what its snapshot covers either", node, e);
            covered.putBack();
        }
        throw found;
    }

    private void startOne(int node, boolean rejoining) throws IOException {
        if (rejoining) {
            directory.beginRejoining(node);
        }
        List<Replica> replicas = newReplicas(node);
        try {
            install(RatisNode.start(config(node, replicas, rejoining), local), replicas);
        } catch (IOException | RuntimeException e) {
            replicas.forEach(replica -> replica.close(false));
            throw e;
        }
    }

    private List<Integer> numbers() {
        return IntStream.rangeClosed(1, options.nodes()).boxed().toList();
    }

    private List<Replica> newReplicas(int node) {
        return IntStream.range(0, options.shards())
                .mapToObj(shard -> new Replica(node, shard, options.replica(), this, scheduler))
                .toList();
    }

    private RatisConfig config(int node, List<Replica> replicas, boolean rejoining) {
        return new RatisConfig(
                node,
                numbers(),
                directory.database(),
                options.shards(),
                directory.node(node),
                directory.isDurable(),
                1,
                options.electionTimeout(),
                options.electionTimeout().multipliedBy(2),
                options.requestTimeout(),
                options.leaderLease(),
                rejoining,
                options.maxTransactionBytes() + ENTRY_OVERHEAD_BYTES,
                replicas::get);
    }

    private void install(RatisNode node, List<Replica> replicas) {
        for (Replica replica : replicas) {
            replica.attach(node.log(replica.shard()));
        }
        List<ShardLeader> leaders = replicas.stream().map(ShardLeader::new).toList();
        Outbox outbox = new Outbox(
                node.id(), new OwnLog(node, directory.outbox(node.id())), delivery, options.outbox(), executor);
        List<Batches> batches = leaders.stream()
                .map(leader -> new Batches(leader, options.maxTransactionBytes(), () -> rerouting))
                .toList();
        Coordinator coordinator = new Coordinator(leaders.get(FIRST), cutPeers, releases, executor);
        Running started = new Running(node, replicas, leaders, outbox, coordinator);
        running.set(node.id(), started);
        network.join(new Member(
                node.id(),
                replicas,
                leaders,
                batches,
                outbox,
                coordinator,
                releases,
                started::isVoting,
                () -> disks.at(node.id()),
                disks::refuses));
    }

    /** Leaders, and every replica that can as far as its leader was when it was asked: no old state is shown at start. */
    private void awaitServing(Opening opening) throws IOException {
        for (int shard = 0; shard < options.shards(); shard++) {
            awaitCaughtUp(opening.awaitLeader(shard));
            opening.requireApplicable(shard);
        }
    }

    private void awaitCaughtUp(Replica leader) {
        List<Replica> replicas =
                numbers().stream().map(node -> replica(node, leader.shard())).toList();
        // a node that is broken or rebuilding must not hold up the others for long
        Deadline patience = Deadline.in(Duration.ofSeconds(2));
        try {
            Replicas.awaitApplied(replicas, leader.applied(), patience);
            // a node that is cut off right after the start goes on serving what it has
            while (!replicas.stream().allMatch(Replica::isReady) && !patience.isPast()) {
                LockSupport.parkNanos(1_000_000);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- what execution sees ----

    @Override
    public UUID databaseId() {
        return directory.database();
    }

    @Override
    public int nodes() {
        return options.nodes();
    }

    @Override
    public int shards() {
        return options.shards();
    }

    @Override
    public Replica replica(int node, int shard) {
        return at(node).replicas.get(shard);
    }

    @Override
    public ShardLeader leader(int node, int shard) {
        return at(node).leaders.get(shard);
    }

    @Override
    public Carrier carrier() {
        return network;
    }

    @Override
    public News news() {
        return network;
    }

    @Override
    public List<OutboxStatus> outboxes() {
        return status.all().stream().map(NodeReport::outbox).toList();
    }

    private Outbox outbox(int node) {
        return at(node).outbox;
    }

    private Running at(int node) {
        return Objects.requireNonNull(running.get(node), "node not started");
    }

    @Override
    public DeadlockSearch deadlocks() {
        return deadlocks;
    }

    @Override
    public Gathering gathering() {
        return gathering;
    }

    @Override
    public Rerouting rerouting() {
        return rerouting;
    }

    @Override
    public Lock definitions() {
        return definitions;
    }

    /** Who takes cuts through all shards, if a session next to {@code home} can talk to it; null when it can't. */
    public @Nullable Coordinator coordinator(int home) {
        int leader = network.leader(home, FIRST);
        return leader == 0 || !reaches(home, leader) ? null : at(leader).coordinator;
    }

    @Override
    public long released(int home) {
        return releases.upTo(home);
    }

    @Override
    public boolean awaitReleased(int home, long cut, Deadline deadline) throws InterruptedException {
        return releases.await(home, cut, deadline, () -> cutPeers.askForRelease(home, releases));
    }

    @Override
    public boolean reaches(int home, int node) {
        Network network = local.network();
        return home == 0 || home == node || (network.reaches(home, node) && network.reaches(node, home));
    }

    @Override
    public @Nullable Shortage diskRefuses() {
        return disks.refuses();
    }

    @Override
    public @Nullable Shortage diskStops() {
        return disks.stops();
    }

    @Override
    public @Nullable Shortage diskAt(int node) {
        return disks.at(node);
    }

    /** Why a log of a node waits for its disk; null when none does. */
    private @Nullable Shortage waitingLog(int node) {
        Running here = running.get(node);
        Shortage found = here == null ? null : here.outbox.diskShortage();
        if (here != null) {
            for (Replica replica : here.replicas) {
                Shortage one = replica.isAlive() ? replica.diskShortage() : null;
                found = found == null ? one : found;
            }
        }
        return found;
    }

    @Override
    public int maxTransactionBytes() {
        return options.maxTransactionBytes();
    }

    @Override
    public Catalog catalog() {
        return catalog;
    }

    /** The network between the nodes. */
    public Network network() {
        return local.network();
    }

    // ---- what replicas tell ----

    @Override
    public void catalogChanged(Replica replica, long index, Map<String, String> settings) {
        // every shard has the same catalog; the first one's log says which is newer
        if (replica.shard() != FIRST || (index <= catalog.version() && index != 0)) {
            return;
        }
        synchronized (catalogLock) {
            if (index > catalog.version()) {
                catalog = Catalog.of(index, settings, options.shards());
            }
        }
    }

    @Override
    public void applied(Replica replica, long index) {
        options.watch().applied(replica.node(), replica.shard(), index);
    }

    @Override
    public void released(Replica replica, long cut) {
        releases.raise(replica.node(), cut);
    }

    /** Those of the nodes that have been started. */
    private List<Replica> allReplicas() {
        return numbers().stream()
                .map(running::get)
                .filter(Objects::nonNull)
                .flatMap(node -> node.replicas.stream())
                .toList();
    }

    @Override
    public @Nullable String leftOut(int shard, long index) {
        List<SkippedEntry> skipped = directory.skipped();
        for (int i = 0; i < skipped.size(); i++) {
            SkippedEntry entry = skipped.get(i);
            if (entry.name().index() == index && entry.name().shard() == shard) {
                return entry.reason();
            }
        }
        return null;
    }

    @Override
    public SystemSchema systemSchema() {
        return systemSchema;
    }

    /** The dialect of the database. */
    public Compatibility compatibility() {
        return directory.compatibility();
    }

    @Override
    public Decisions decisions() {
        return decisions;
    }

    @Override
    public Executor executor() {
        return executor;
    }

    // ---- faults ----

    /** How many replicas were rebuilt from the others because something was wrong with them. */
    public int rebuilds() {
        return rebuilding.count();
    }

    private synchronized boolean rebuild(Replica broken) throws IOException {
        int node = broken.node();
        if (closed || replica(node, broken.shard()) != broken) {
            // the database was closed, or somebody restarted the node by hand
            return false;
        }
        if (broken.isClosed() && !isStoppedToMend.get(node)) {
            // somebody stopped the node by hand, and will start it when he likes
            return false;
        }
        disks.requireRoom(node);
        if (broken.failure() instanceof EntryFailedException failure
                && !(failure.getCause() instanceof OutOfMemoryError)) {
            if (options.nodes() == 1) {
                // nobody has what it had
                return false;
            }
            requirePast(broken, failure.at().index());
        }
        if (!hasVotersBeside(node)) {
            reopen(node);
            return false;
        }
        stopToMend(node);
        LOG.warn("node {} is rebuilt by the others; its folder is now {}", node, directory.setAside(node));
        startMended(node, true);
        return true;
    }

    /**
     * When a majority has stopped, as when the disk has failed under all of them, nobody can rebuild the rest. What they
     * acknowledged was synced before, so each goes on from its own folder, as after a crash, once that can be written again.
     */
    private void reopen(int node) throws IOException {
        directory.requireWritable(node);
        stopToMend(node);
        String missing = local.missing(node, directory.node(node), directory.database(), options.shards());
        if (missing != null) {
            throw new IOException(missing + ", and the others that run are no majority that could rebuild it: put its"
                    + " folder back as it was");
        }
        LOG.warn("node {} goes on from its own folder, since the others that run are no majority", node);
        try {
            startMended(node, false);
        } catch (IOException e) {
            if (!TornTail.cut(directory.node(node))) {
                throw e;
            }
            startMended(node, false);
        }
    }

    private void stopToMend(int node) {
        isStoppedToMend.set(node);
        at(node).close(false);
    }

    private void startMended(int node, boolean rejoining) throws IOException {
        startOne(node, rejoining);
        isStoppedToMend.clear(node);
        outbox(node).resume();
    }

    /** Stops a node as a crash would: no snapshot, nothing said to anybody. */
    public synchronized void kill(int node) {
        isStoppedToMend.clear(node);
        at(node).close(false);
    }

    /** Starts a stopped node again from its folder; without one it rejoins empty. */
    public synchronized void restart(int node) throws IOException {
        if (at(node).replicas.stream().anyMatch(Replica::isAlive)) {
            throw new IllegalStateException("node " + node + " runs; stop it first");
        }
        if (closed) {
            throw new IllegalStateException("the database is closed");
        }
        boolean isLost = directory.lostNode(node, options.shards());
        if (isLost) {
            directory.clearLost(node, options.shards());
        } else {
            isLost = hasGoneBack(node);
        }
        startOne(node, isLost);
        outbox(node).resume();
    }

    /**
     * Whether a stopped node's folder lacks what it had when it was stopped; what it has is moved out of the way then, and the
     * others rebuild it: its vote could elect one that lags.
     */
    private boolean hasGoneBack(int node) throws IOException {
        String missing = local.missing(node, directory.node(node), directory.database(), options.shards());
        if (missing == null) {
            return false;
        }
        if (options.nodes() == 1) {
            throw new IOException(missing + ", and no other node has it: put the folder back as it was");
        }
        LOG.error(
                "{}; the folder is now {}, and node {} is rebuilt by the others",
                missing,
                directory.setAside(node),
                node);
        return true;
    }

    /** Whether a node runs and has its vote; one that was wiped gets it back when it has caught up. */
    public boolean isVoting(int node) {
        return at(node).isVoting();
    }

    /** A node's own word on itself and its replicas; null before it is started. */
    public @Nullable NodeReport report(int node) {
        return status.of(node);
    }

    /**
     * Deletes the folder of a stopped node.
     *
     * @param withOutbox also when its outbox holds acknowledged writes that no shard has carried out
     * @return how many of those are lost; -1 when its outbox was never read, so that nobody knows
     * @throws IllegalStateException when too few others have their vote: entries a majority acknowledged could be lost; or
     *     when its outbox holds such writes
     */
    public synchronized long wipe(int node, boolean withOutbox) throws IOException {
        if (at(node).replicas.stream().anyMatch(Replica::isAlive)) {
            throw new IllegalStateException("node " + node + " runs; stop it first");
        }
        requireOthers(node);
        long lost = outbox(node).wouldLose(this::carriedOut);
        if (lost != 0 && !withOutbox) {
            throw new IllegalStateException("the outbox of n" + node + " holds "
                    + (lost < 0
                            ? "writes that nobody has read since its start"
                            : lost + " acknowledged EVENTUAL writes")
                    + ", which are not carried out and would be lost: restart the node, in reach of the others, and"
                    + " wait until TUNABLE.OUTBOX shows none pending; or wipe it with its outbox");
        }
        directory.wipe(node);
        local.wiped(node);
        outbox(node).wiped();
        if (lost != 0) {
            LOG.error(
                    "n{} was wiped with {} acknowledged EVENTUAL writes in its outbox {}: they are lost",
                    node,
                    lost < 0 ? "an unknown number of" : lost,
                    Long.toHexString(outbox(node).status().incarnation()));
        }
        return lost;
    }

    /** As far as any replica knows. */
    private long carriedOut(int shard, long incarnation) {
        return numbers().stream()
                .mapToLong(node -> replica(node, shard).outboxMark(incarnation))
                .max()
                .orElse(0);
    }

    private boolean hasVotersBeside(int node) {
        return isMajority(votersBeside(node));
    }

    private int votersBeside(int node) {
        return (int) numbers().stream()
                .filter(other -> other != node && isVoting(other))
                .count();
    }

    /** Entries that a majority acknowledged could be lost if one forgot while too few others remember. */
    private void requireOthers(int node) {
        if (options.nodes() > 1 && !hasVotersBeside(node)) {
            throw new IllegalStateException("only " + votersBeside(node) + " of " + options.nodes()
                    + " other nodes have their vote; wait until those that were wiped have caught up");
        }
    }

    /** What stopped one replica may stop every other: then none of them has anything to rebuild it from. */
    private void requirePast(Replica broken, long index) {
        long past = numbers().stream()
                .filter(other -> other != broken.node() && isVoting(other))
                .filter(other -> replica(other, broken.shard()).applied() >= index)
                .count();
        if (!isMajority((int) past)) {
            throw new IllegalStateException(
                    "only " + past + " of " + options.nodes() + " others have applied entry " + index);
        }
    }

    /** While there is a leader to carry them out. */
    private void drainOutboxes() {
        Deadline deadline = Deadline.in(options.outbox().drain());
        for (int node : numbers()) {
            Running stopping = running.get(node);
            long left = stopping == null ? 0 : stopping.outbox.drain(deadline);
            if (left > 0 && directory.isDurable()) {
                LOG.info("n{}: {} EVENTUAL writes are carried out after the next start", node, left);
            } else if (left > 0) {
                LOG.warn(
                        "n{}: {} acknowledged EVENTUAL writes are lost: the database lives in memory and was closed"
                                + " before they were carried out; heal it first, or raise outboxDrain={} ms",
                        node,
                        left,
                        options.outbox().drain().toMillis());
            }
        }
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public void close() {
        // not under the monitor: a node that is being rebuilt meanwhile may be the one that carries them out
        drainOutboxes();
        closeNodes();
    }

    private synchronized void closeNodes() {
        if (closed) {
            return;
        }
        closed = true;
        reached.write();
        gathering.close();
        List<CompletableFuture<Void>> closing = new ArrayList<>();
        for (int node : numbers()) {
            Running stopped = running.get(node);
            if (stopped != null) {
                closing.add(CompletableFuture.runAsync(() -> stopped.close(directory.isDurable()), executor));
            }
        }
        CompletableFuture.allOf(closing.toArray(CompletableFuture<?>[]::new)).join();
        executor.shutdown();
        scheduler.shutdownNow();
        try {
            directory.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static ThreadFactory daemons(String name) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
