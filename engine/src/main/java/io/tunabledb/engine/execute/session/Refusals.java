package io.tunabledb.engine.execute.session;

import io.tunabledb.consistency.Durations;
import io.tunabledb.consistency.Rung;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.route.ClusterView.ReplicaView;
import java.sql.SQLException;
import java.time.Duration;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The messages of what can't be done: what was asked, what was found, on which replicas. */
public final class Refusals {

    private Refusals() {}

    public static SQLException nobodyReachable(ShardSession session) {
        String starting = session.running().replicas().stream()
                .map(replica -> "n" + replica.node() + " at index " + replica.applied())
                .collect(Collectors.joining(", "));
        String found = starting.isEmpty()
                ? "can be reached (" + session.cluster().nodes()
                        + " nodes); check that the nodes run and the network between them"
                : "in reach is ready to serve: " + starting
                        + " was started and has not yet applied all that was committed then, or can't ask a leader how "
                        + "much that is; wait and try again, and check that a majority of the "
                        + session.cluster().nodes() + " nodes runs and the network between them";
        return Errors.of(SqlState.CANNOT_CONNECT, "no replica of shard " + session.shard() + " " + found);
    }

    public static SQLException levelNotMet(
            Rung rung, long needed, Duration tried, ShardSession session, @Nullable Exception cause) {
        return Errors.of(
                SqlState.LEVEL_NOT_MET,
                rung.text() + " can't be met within " + Durations.text(tried) + ": "
                        + (needed > 0 ? "index " + needed + " is needed; " : "") + "found " + replicas(session)
                        + "; wait and try again, allow more time (WITHIN, consistencyTimeout) or add a weaker rung (ELSE)",
                cause);
    }

    public static SQLException noMajority(
            String asked, Duration tried, ShardSession session, @Nullable Exception cause) {
        return Errors.of(
                SqlState.NO_MAJORITY,
                asked + " needs a majority of shard " + session.shard() + "'s "
                        + session.cluster().nodes()
                        + " replicas, and none confirmed a leader within " + Durations.text(tried) + ": found "
                        + replicas(session) + "; heal the cluster, or read at a weaker level",
                cause);
    }

    public static SQLException outcomeUnknown(
            String what, Duration tried, ShardSession session, @Nullable Exception cause) {
        return Errors.of(
                SqlState.OUTCOME_UNKNOWN,
                "whether the " + what + " took effect is not known: it was proposed, and no majority answered within "
                        + Durations.text(tried) + "; found " + replicas(session)
                        + "; read your data when the cluster is back before you repeat it",
                cause);
    }

    public static SQLException rolledBack(String why, @Nullable Exception cause) {
        return Errors.of(
                SqlState.RETRY_TRANSACTION, "the transaction was rolled back: " + why + "; run it again", cause);
    }

    public static SQLException blockedByDefinition(ShardSession session) {
        return Errors.of(
                SqlState.RETRY_TRANSACTION,
                "a schema change kept the statement waiting for " + Durations.text(session.consistencyTimeout())
                        + "; run it again when that is done");
    }

    /** A cut needs every shard's leader and its majority, for a moment at the same time. */
    public static SQLException noCut(Rung rung, Duration tried, SessionState state) {
        StringBuilder found = new StringBuilder();
        for (int shard = 0; shard < state.cluster().shards(); shard++) {
            found.append(shard == 0 ? "" : ", ")
                    .append("shard ")
                    .append(shard)
                    .append(state.at(shard).describeLeader());
        }
        return Errors.of(
                SqlState.NO_MAJORITY,
                rung.text()
                        + " over several shards needs the leaders of all of them at one moment, and did not have them "
                        + "within " + Durations.text(tried) + "; leaders: " + found
                        + "; heal the cluster, or read at READ_YOUR_WRITE or weaker",
                null);
    }

    public static SQLException cancelled(Rung rung, InterruptedException e) {
        return Errors.of(SqlState.CANCELLED, "the statement was cancelled while it waited for " + rung.text(), e);
    }

    public static SQLException cancelledWhileLocked(SQLException e) {
        return Errors.of(
                SqlState.CANCELLED,
                "the statement was cancelled while it waited for a row that another transaction has locked",
                e);
    }

    public static SQLException cancelledBeforeDecision(String what, InterruptedException e) {
        return Errors.of(
                SqlState.CANCELLED,
                "the " + what + " was cancelled before it was decided, and was rolled back in every shard",
                e);
    }

    /** A caller waits no longer for what is proposed. */
    public static SQLException unknownSinceEnded(String what, boolean isCancelled, Exception cause) {
        return Errors.of(
                SqlState.OUTCOME_UNKNOWN,
                "the " + what + " was " + (isCancelled ? "cancelled" : "interrupted")
                        + " after it was proposed, so whether it takes effect is not known; read before you repeat it",
                cause);
    }

    public static SQLException cancelledWhileMoving() {
        return Errors.of(SqlState.CANCELLED, "the statement was cancelled while it waited for a schema change");
    }

    public static SQLException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return Errors.of(SqlState.CANCELLED, "the thread was interrupted while the statement waited", e);
    }

    private static String replicas(ShardSession session) {
        String found =
                session.view().replicas().stream().map(Refusals::describe).collect(Collectors.joining(", "));
        return found.isEmpty() ? "no replica in reach" : found;
    }

    private static String describe(ReplicaView replica) {
        String age = replica.stalenessNanos() == Long.MAX_VALUE
                ? "age unknown"
                : "at most " + replica.stalenessNanos() / 1_000_000 + " ms old";
        return "n" + replica.node() + (replica.leading() ? " (leader)" : "") + " at index " + replica.applied() + ", "
                + age;
    }
}
