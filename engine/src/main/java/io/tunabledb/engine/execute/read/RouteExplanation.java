package io.tunabledb.engine.execute.read;

import io.tunabledb.consistency.Rung;
import io.tunabledb.engine.execute.session.ShardSession;
import io.tunabledb.engine.log.LogStatus;
import io.tunabledb.engine.message.ReplicaNews;
import io.tunabledb.engine.negotiate.Agreement;
import io.tunabledb.engine.route.ClusterView;
import io.tunabledb.engine.route.Router;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Says where a read would go, for EXPLAIN CONSISTENCY. */
public final class RouteExplanation {
    private RouteExplanation() {}

    /** Which replicas would be tried for each rung, and whether they meet it now; runs nothing. */
    public static List<String> of(ShardSession session, Agreement agreement) {
        List<String> lines = new ArrayList<>();
        List<Rung> rungs = agreement.granted().rungs();
        LadderStart start = LadderStart.of(session, rungs);
        for (int i = 0; i < rungs.size(); i++) {
            Rung rung = rungs.get(i);
            ClusterView view = session.view();
            long needed;
            try {
                needed = ReplicaSearch.needed(session, rung, session.consistencyTimeout());
            } catch (SQLException e) {
                lines.add(rung.text() + ": " + e.getMessage());
                continue;
            }
            List<String> order = Router.order(rung, needed, view).stream()
                    .map(session::news)
                    .filter(Objects::nonNull)
                    .map(RouteExplanation::describe)
                    .toList();
            lines.add(rung.text() + ": " + condition(rung, needed) + "; tries "
                    + (order.isEmpty() ? "nobody, none can be reached" : String.join(", then ", order))
                    + "; predicted is " + LadderStart.describe(start.forecasts().get(i)));
        }
        if (rungs.size() > 1) {
            lines.add("begins with rung " + (start.rung() + 1) + " of " + rungs.size() + ": "
                    + rungs.get(start.rung()).text());
        }
        return lines;
    }

    private static String condition(Rung rung, long needed) {
        return switch (rung.level()) {
            case LINEARIZABLE -> "a read index confirmed by a majority after the statement begins, applied";
            case SEQUENTIAL, SNAPSHOT, READ_YOUR_WRITE, MONOTONIC_READ -> "index " + needed + " applied";
            case BOUNDED_STALENESS -> "a freshness lease within the bound";
            case EVENTUAL -> "none";
            case READ_UNCOMMITTED -> "the leader, with what is not committed yet";
        };
    }

    private static String describe(ReplicaNews replica) {
        long staleness = replica.stalenessNanos();
        return "n" + replica.node() + " (" + role(replica.log()) + ", index " + replica.applied()
                + (staleness == Long.MAX_VALUE ? "" : ", at most " + staleness / 1_000_000 + " ms old") + ")";
    }

    /** How receipts name the part a replica plays. */
    static String role(LogStatus status) {
        return status.leading() ? "LEADER" : status.leader() != 0 ? "FOLLOWER" : "UNKNOWN";
    }
}
