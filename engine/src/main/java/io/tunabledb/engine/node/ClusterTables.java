package io.tunabledb.engine.node;

import static io.tunabledb.engine.h2.catalog.SystemTable.flag;
import static io.tunabledb.engine.h2.catalog.SystemTable.number;
import static io.tunabledb.engine.h2.catalog.SystemTable.real;
import static io.tunabledb.engine.h2.catalog.SystemTable.text;

import io.tunabledb.engine.h2.catalog.SystemSchema;
import io.tunabledb.engine.h2.catalog.SystemTable;
import io.tunabledb.engine.h2.internals.Compatibility;
import io.tunabledb.engine.log.LogStatus;
import io.tunabledb.engine.message.NodeReport;
import io.tunabledb.engine.message.ReplicaReport;
import io.tunabledb.engine.message.TransactionReport;
import io.tunabledb.engine.outbox.OutboxView;
import io.tunabledb.engine.shard.log.InDoubt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** The tables of schema TUNABLE that show the cluster: NODES, SHARDS, REPLICAS, TRANSACTIONS and SKIPPED_ENTRIES. */
final class ClusterTables {
    private static final double NANOS_PER_MILLI = 1e6;

    private final ClusterStatus status;
    private final int shards;
    private final Supplier<List<SkippedEntry>> skipped;

    private ClusterTables(ClusterStatus status, int shards, Supplier<List<SkippedEntry>> skipped) {
        this.status = status;
        this.shards = shards;
        this.skipped = skipped;
    }

    /**
     * The schema of a process.
     *
     * @param skipped the entries that are left out
     */
    static SystemSchema with(
            ClusterStatus status,
            int shards,
            Supplier<List<SkippedEntry>> skipped,
            List<SystemTable> others,
            Compatibility compatibility) {
        ClusterTables tables = new ClusterTables(status, shards, skipped);
        List<SystemTable> all = new ArrayList<>(tables.all());
        all.add(OutboxView.table(
                () -> status.all().stream().map(NodeReport::outbox).toList()));
        all.addAll(others);
        return new SystemSchema(all, List.of(OutboxView.REJECTED_WRITES), compatibility);
    }

    private List<SystemTable> all() {
        return List.of(
                new SystemTable(
                        "NODES",
                        List.of(text("NODE"), flag("ALIVE"), flag("VOTING"), number("LEADS"), number("QUERIES")),
                        this::nodes),
                new SystemTable(
                        "SHARDS",
                        List.of(
                                number("SHARD"),
                                text("LEADER"),
                                number("TERM"),
                                number("COMMIT_INDEX"),
                                number("REPLICAS"),
                                number("ALIVE"),
                                number("EPOCH")),
                        this::shards),
                new SystemTable(
                        "REPLICAS",
                        List.of(
                                text("NODE"),
                                number("SHARD"),
                                text("ROLE"),
                                number("TERM"),
                                number("APPLIED"),
                                number("COMMIT_INDEX"),
                                number("LAST_INDEX"),
                                number("LAG_ENTRIES"),
                                real("STALENESS_MS"),
                                number("QUERIES"),
                                flag("ALIVE"),
                                text("FAILURE"),
                                text("DISK"),
                                text("SNAPSHOT_ERROR")),
                        this::replicas),
                new SystemTable(
                        "TRANSACTIONS",
                        List.of(
                                number("ID"),
                                text("SESSION_ID"),
                                text("NODE"),
                                number("SHARD"),
                                text("STATE"),
                                real("AGE_MS"),
                                number("HOME"),
                                flag("WAITING")),
                        this::transactions),
                new SystemTable(
                        "SKIPPED_ENTRIES",
                        List.of(
                                number("SHARD"),
                                number("ENTRY_INDEX"),
                                number("TERM"),
                                text("ENTRY"),
                                text("CAUSE"),
                                text("SINCE")),
                        this::skipped));
    }

    private List<List<?>> skipped() {
        List<List<?>> rows = new ArrayList<>();
        for (SkippedEntry entry : skipped.get()) {
            rows.add(List.of(
                    entry.name().shard(),
                    entry.name().index(),
                    entry.term(),
                    entry.entry(),
                    entry.cause(),
                    entry.since().toString()));
        }
        return rows;
    }

    private List<List<?>> nodes() {
        List<List<?>> rows = new ArrayList<>();
        for (NodeReport node : status.all()) {
            long leads = node.replicas().stream()
                    .filter(replica -> replica.log().leading())
                    .count();
            long queries =
                    node.replicas().stream().mapToLong(ReplicaReport::queries).sum();
            rows.add(List.of("n" + node.node(), node.at(0).isAlive(), node.isVoting(), leads, queries));
        }
        return rows;
    }

    private List<List<?>> shards() {
        List<NodeReport> nodes = status.all();
        List<List<?>> rows = new ArrayList<>();
        for (int shard = 0; shard < shards; shard++) {
            List<ReplicaReport> replicas = of(nodes, shard);
            ReplicaReport leader = leader(replicas);
            rows.add(Arrays.asList(
                    shard,
                    leader == null ? null : "n" + leader.node(),
                    most(replicas, replica -> replica.log().term()),
                    commitIndex(replicas),
                    replicas.size(),
                    replicas.stream().filter(ReplicaReport::isAlive).count(),
                    most(replicas, ReplicaReport::epoch)));
        }
        return rows;
    }

    private List<List<?>> replicas() {
        List<NodeReport> nodes = status.all();
        List<List<?>> rows = new ArrayList<>();
        for (int shard = 0; shard < shards; shard++) {
            long committed = commitIndex(of(nodes, shard));
            for (NodeReport node : nodes) {
                ReplicaReport replica = node.at(shard);
                LogStatus log = replica.log();
                long staleness = replica.stalenessNanos();
                rows.add(Arrays.asList(
                        "n" + replica.node(),
                        shard,
                        replica.role(),
                        log.term(),
                        replica.applied(),
                        log.commitIndex(),
                        log.lastIndex(),
                        Math.max(0, committed - replica.applied()),
                        staleness == Long.MAX_VALUE ? null : staleness / NANOS_PER_MILLI,
                        replica.queries(),
                        replica.isAlive(),
                        replica.failure(),
                        node.disk(),
                        replica.snapshotError()));
            }
        }
        return rows;
    }

    private List<List<?>> transactions() {
        List<NodeReport> nodes = status.all();
        List<List<?>> rows = new ArrayList<>();
        for (int shard = 0; shard < shards; shard++) {
            List<ReplicaReport> replicas = of(nodes, shard);
            for (ReplicaReport replica : replicas) {
                for (TransactionReport held : status.transactions(replica.node(), shard)) {
                    rows.add(Arrays.asList(
                            held.id(),
                            Long.toHexString(held.session()),
                            "n" + replica.node(),
                            shard,
                            held.phase(),
                            held.ageNanos() / NANOS_PER_MILLI,
                            held.home(),
                            held.isWaiting()));
                }
            }
            if (leader(replicas) == null) {
                rows.addAll(inDoubt(replicas));
            }
        }
        return rows;
    }

    /** What is prepared in a shard that has no leader, as the replica that has applied most knows it. */
    private List<List<?>> inDoubt(List<ReplicaReport> replicas) {
        List<List<?>> rows = new ArrayList<>();
        replicas.stream()
                .filter(ReplicaReport::isAlive)
                .max(Comparator.comparingLong(ReplicaReport::applied))
                .ifPresent(replica -> {
                    for (InDoubt doubt : status.inDoubt(replica.node(), replica.shard())) {
                        rows.add(List.of(
                                doubt.index(),
                                Long.toHexString(doubt.transaction().session()),
                                "n" + replica.node(),
                                replica.shard(),
                                "IN DOUBT",
                                doubt.ageNanos() / NANOS_PER_MILLI,
                                doubt.home(),
                                false));
                    }
                });
        return rows;
    }

    private static List<ReplicaReport> of(List<NodeReport> nodes, int shard) {
        return nodes.stream().map(node -> node.at(shard)).toList();
    }

    /** Who leads the highest term; one that was cut off may not know yet that it no longer does. */
    private static @Nullable ReplicaReport leader(List<ReplicaReport> replicas) {
        return replicas.stream()
                .filter(replica -> replica.log().leading())
                .max(Comparator.comparingLong(replica -> replica.log().term()))
                .orElse(null);
    }

    /** The highest index that any replica knows to be committed. */
    private static long commitIndex(List<ReplicaReport> replicas) {
        return most(
                replicas, replica -> Math.max(replica.applied(), replica.log().commitIndex()));
    }

    private static long most(List<ReplicaReport> replicas, ToLongFunction<ReplicaReport> figure) {
        return replicas.stream().mapToLong(figure).max().orElse(0);
    }
}
