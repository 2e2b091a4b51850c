package io.tunabledb.engine.command;

import io.tunabledb.consistency.Durations;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.execute.outbox.OutboxPath;
import io.tunabledb.engine.execute.read.RouteExplanation;
import io.tunabledb.engine.execute.scatter.Reads;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.statement.Decision;
import io.tunabledb.engine.execute.statement.SessionPaths;
import io.tunabledb.engine.h2.sql.RowSet;
import io.tunabledb.engine.negotiate.Agreement;
import io.tunabledb.engine.plan.Plan;
import io.tunabledb.sql.Statement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** EXPLAIN CONSISTENCY: what each stage would do with a statement, stage by stage, without executing it. */
final class Explanation {
    private final SessionPaths session;
    private final SessionState state;

    Explanation(SessionPaths session) {
        this.session = session;
        this.state = session.state();
    }

    Result of(Statement statement) throws SQLException {
        RowSet rows = new RowSet("STEP", "DETAIL");
        if (statement instanceof Statement.Sql sql) {
            explain(sql, rows);
        } else {
            rows.row("grammar", "a command of the session; it touches no shard");
        }
        return Commands.rows(rows);
    }

    private void explain(Statement.Sql sql, RowSet rows) throws SQLException {
        Decision decision = session.decider().decide(sql);
        Plan plan = decision.plan();
        Agreement agreement = decision.agreement();
        rows.row("grammar", sql.operation() + " over " + tables(decision.tables()));
        rows.row("plan", plan.kind() + " on shards " + plan.shards());
        plan.placement().describe().forEach(line -> rows.row("plan", line));
        gathering(sql, plan).forEach(line -> rows.row("plan", line));
        session.decider().explain(sql, decision).forEach(line -> rows.row("rules", line));
        rows.row("negotiate", agreement.asked().text() + ", decided by " + agreement.decidedBy());
        String reason = agreement.reason();
        if (reason != null) {
            rows.row("negotiate", agreement.granted().text() + ", " + reason);
        }
        route(decision).forEach(line -> rows.row("route", line));
        rows.row(
                "deadline",
                agreement.granted().rungs().stream()
                        .map(rung -> rung.level() + " within "
                                + Durations.text(Objects.requireNonNullElse(rung.within(), state.consistencyTimeout())))
                        .toList()
                        .toString());
    }

    private static String tables(List<String> tables) {
        return tables.isEmpty() ? "no table" : String.join(", ", tables);
    }

    /** What is fetched for it from several shards and what becomes of that, if anything is. */
    private List<String> gathering(Statement.Sql statement, Plan plan) throws SQLException {
        return plan.kind() == Plan.Kind.DEFINE
                ? List.of()
                : session.reads().describe(statement.text(), plan.placement());
    }

    private List<String> route(Decision decision) {
        Plan plan = decision.plan();
        List<Integer> shards = plan.shards();
        boolean isInTransaction = session.transaction().isAtLeader();
        if (plan.isWrite() && OutboxPath.isWeak(decision.agreement()) && !isInTransaction) {
            return List.of("the outbox of the nearest node, and from there the leader of "
                    + (shards.size() == 1
                            ? "shard " + shards.get(0)
                            : "the shard it concerns, of " + shards + "; one that concerns several is raised"));
        }
        boolean atLeader = plan.kind() != Plan.Kind.READ
                || isInTransaction
                || session.transaction().isValidated(decision);
        List<String> lines = new ArrayList<>();
        for (int shard : shards) {
            String where = shards.size() == 1 ? "" : "shard " + shard + ", ";
            if (atLeader) {
                lines.add("the leader of shard " + shard + state.at(shard).describeLeader());
            } else {
                RouteExplanation.of(state.at(shard), decision.agreement()).forEach(line -> lines.add(where + line));
            }
        }
        if (shards.size() > 1
                && !atLeader
                && Reads.needsCut(decision.agreement().granted().first())) {
            lines.add("all shards at one cut, if more than one of them is needed");
        }
        return lines;
    }
}
