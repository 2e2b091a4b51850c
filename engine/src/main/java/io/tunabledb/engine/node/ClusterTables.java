package io.tunabledb.engine.node;

import static io.tunabledb.engine.h2.catalog.SystemTable.flag;
import static io.tunabledb.engine.h2.catalog.SystemTable.number;
import static io.tunabledb.engine.h2.catalog.SystemTable.real;
import static io.tunabledb.engine.h2.catalog.SystemTable.text;

import io.tunabledb.engine.h2.catalog.SystemSchema;
import io.tunabledb.engine.h2.catalog.SystemTable;
import io.tunabledb.engine.h2.internals.Compatibility;
import io.tunabledb.engine.log.LogStatus;
import io.tunabledb.engine.log.Shortage;
import io.tunabledb.engine.outbox.OutboxView;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.held.ActiveTransaction;
import io.tunabledb.engine.shard.log.InDoubt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The tables of schema TUNABLE that show the cluster: NODES, SHARDS, REPLICAS, TRANSACTIONS and SKIPPED_ENTRIES. */
final class ClusterTables {
    private static final double NANOS_PER_MILLI = 1e6;

    private final Nodes nodes;

    private ClusterTables(Nodes nodes) {
        this.nodes = nodes;
    }

    /** The schema of a process that runs {@code nodes}. */
    static SystemSchema with(Nodes nodes, List<SystemTable> others, Compatibility compatibility) {
        ClusterTables tables = new ClusterTables(nodes);
        List<SystemTable> all = new ArrayList<>(tables.all());
        all.add(OutboxView.table(() -> IntStream.rangeClosed(1, nodes.nodes())
                .mapToObj(node -> nodes.outbox(node).status())
                .toList()));
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
        for (SkippedEntry entry : nodes.skipped()) {
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
        for (int node = 1; node <= nodes.nodes(); node++) {
            int leads = 0;
            int queries = 0;
            for (int shard = 0; shard < nodes.shards(); shard++) {
                Replica replica = nodes.replica(node, shard);
                leads += replica.status().leading() ? 1 : 0;
                queries += replica.load();
            }
            rows.add(List.of("n" + node, nodes.replica(node, 0).isAlive(), nodes.isVoting(node), leads, queries));
        }
        return rows;
    }

    private List<List<?>> shards() {
        List<List<?>> rows = new ArrayList<>();
        for (int shard = 0; shard < nodes.shards(); shard++) {
            Replica leader = leader(shard);
            long alive = replicasOf(shard).stream().filter(Replica::isAlive).count();
            rows.add(Arrays.asList(
                    shard,
                    leader == null ? null : leader.nodeName(),
                    replicasOf(shard).stream()
                            .mapToLong(replica -> replica.status().term())
                            .max()
                            .orElse(0),
                    commitIndex(shard),
                    nodes.nodes(),
                    alive,
                    replicasOf(shard).stream().mapToLong(Replica::epoch).max().orElse(0)));
        }
        return rows;
    }

    private List<List<?>> replicas() {
        List<List<?>> rows = new ArrayList<>();
        for (int shard = 0; shard < nodes.shards(); shard++) {
            long committed = commitIndex(shard);
            for (Replica replica : replicasOf(shard)) {
                LogStatus status = replica.status();
                long staleness = replica.stalenessNanos();
                Throwable failure = replica.failure();
                Shortage disk = nodes.diskAt(replica.node());
                rows.add(Arrays.asList(
                        replica.nodeName(),
                        shard,
                        nodes.role(replica),
                        status.term(),
                        replica.applied(),
                        status.commitIndex(),
                        status.lastIndex(),
                        Math.max(0, committed - replica.applied()),
                        staleness == Long.MAX_VALUE ? null : staleness / NANOS_PER_MILLI,
                        replica.load(),
                        replica.isAlive(),
                        failure == null ? null : failure.toString(),
                        disk == null ? null : disk.text(),
                        replica.snapshotError()));
            }
        }
        return rows;
    }

    private List<List<?>> transactions() {
        List<List<?>> rows = new ArrayList<>();
        for (int shard = 0; shard < nodes.shards(); shard++) {
            for (Replica replica : replicasOf(shard)) {
                Map<Long, Integer> homes = new HashMap<>();
                replica.inDoubt().forEach(doubt -> homes.put(doubt.transaction().session(), doubt.home()));
                for (ActiveTransaction held : replica.transactions()) {
                    rows.add(Arrays.asList(
                            held.id(),
                            Long.toHexString(held.session()),
                            replica.nodeName(),
                            shard,
                            held.phase(),
                            held.ageNanos() / NANOS_PER_MILLI,
                            homes.get(held.session()),
                            held.isWaiting()));
                }
            }
            if (leader(shard) == null) {
                rows.addAll(inDoubt(shard));
            }
        }
        return rows;
    }

    /** What is prepared in a shard that nobody leads, as the replica that has applied most knows it. */
    private List<List<?>> inDoubt(int shard) {
        List<List<?>> rows = new ArrayList<>();
        replicasOf(shard).stream()
                .filter(Replica::isAlive)
                .max(Comparator.comparingLong(Replica::applied))
                .ifPresent(replica -> {
                    for (InDoubt doubt : replica.inDoubt()) {
                        rows.add(List.of(
                                doubt.index(),
                                Long.toHexString(doubt.transaction().session()),
                                replica.nodeName(),
                                shard,
                                "IN DOUBT",
                                doubt.ageNanos() / NANOS_PER_MILLI,
                                doubt.home(),
                                false));
                    }
                });
        return rows;
    }

    private List<Replica> replicasOf(int shard) {
        List<Replica> replicas = new ArrayList<>();
        for (int node = 1; node <= nodes.nodes(); node++) {
            replicas.add(nodes.replica(node, shard));
        }
        return replicas;
    }

    /** Who leads the highest term; one that was cut off may not know yet that it no longer does. */
    private @Nullable Replica leader(int shard) {
        Replica leader = null;
        for (Replica replica : replicasOf(shard)) {
            if (replica.status().leading()
                    && (leader == null
                            || replica.status().term() > leader.status().term())) {
                leader = replica;
            }
        }
        return leader;
    }

    /** The highest index that any replica knows to be committed. */
    private long commitIndex(int shard) {
        return replicasOf(shard).stream()
                .mapToLong(
                        replica -> Math.max(replica.applied(), replica.status().commitIndex()))
                .max()
                .orElse(0);
    }
}
