package io.tunabledb.engine.peer;

import io.tunabledb.engine.log.LogStatus;
import io.tunabledb.engine.log.Shortage;
import io.tunabledb.engine.message.NodeReport;
import io.tunabledb.engine.message.ReplicaReport;
import io.tunabledb.engine.message.TransactionReport;
import io.tunabledb.engine.shard.Replica;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A node's word on itself, for people. */
final class Reports {

    private Reports() {}

    static NodeReport ofNode(Member here) {
        boolean isVoting = here.isVoting().getAsBoolean();
        Shortage disk = here.disk().get();
        List<ReplicaReport> replicas = here.replicas().stream()
                .map(replica -> ofReplica(replica, isVoting))
                .toList();
        return new NodeReport(
                here.node(),
                isVoting,
                disk == null ? null : disk.text(),
                here.outbox().status(),
                replicas);
    }

    private static ReplicaReport ofReplica(Replica replica, boolean isVoting) {
        LogStatus log = replica.status();
        Throwable failure = replica.failure();
        return new ReplicaReport(
                replica.node(),
                replica.shard(),
                role(replica.isAlive(), isVoting, log),
                log,
                replica.applied(),
                replica.epoch(),
                replica.stalenessNanos(),
                replica.load(),
                replica.isAlive(),
                failure == null ? null : failure.toString(),
                replica.snapshotError());
    }

    private static String role(boolean isAlive, boolean isVoting, LogStatus log) {
        if (!isAlive) {
            return "STOPPED";
        }
        if (!isVoting) {
            return "REJOINING";
        }
        return log.leading() ? "LEADER" : log.leader() != 0 ? "FOLLOWER" : "UNKNOWN";
    }

    static List<TransactionReport> transactions(Replica replica) {
        Map<Long, Integer> homes = new HashMap<>();
        replica.inDoubt().forEach(doubt -> homes.put(doubt.transaction().session(), doubt.home()));
        return replica.transactions().stream()
                .map(held -> new TransactionReport(
                        held.id(),
                        held.session(),
                        held.phase(),
                        held.ageNanos(),
                        homes.get(held.session()),
                        held.isWaiting()))
                .toList();
    }
}
