package io.tunabledb.engine;

import io.tunabledb.consistency.Receipt;
import io.tunabledb.engine.execute.SessionState;
import io.tunabledb.engine.load.Activity;
import io.tunabledb.engine.load.RuleCounts;
import io.tunabledb.engine.monitor.Meter;
import io.tunabledb.engine.monitor.Sampling;
import io.tunabledb.engine.negotiate.Notice;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What every execution of a session passes through: it counts as load while it runs, it is measured against its promise,
 * and what a rule changed of it is told and counted.
 */
final class Observation {
    private final SessionState state;
    private final Activity activity;
    private final RuleCounts ruleCounts;
    private final Sampling sampling = new Sampling();

    Observation(SessionState state, Activity activity, RuleCounts ruleCounts) {
        this.state = state;
        this.activity = activity;
        this.ruleCounts = ruleCounts;
    }

    /** What is observed. */
    @FunctionalInterface
    interface Work {
        List<Result> run() throws SQLException;
    }

    /** Observes one execution, or a batch as one. */
    List<Result> of(Session.Decision decision, Work work) throws SQLException {
        Meter meter = decision.meter();
        long began = meter.begin(sampling);
        state.required = 0;
        long waitedNanos = 0;
        activity.begin();
        List<Result> results;
        try {
            results = work.run();
            Receipt receipt = results.isEmpty() ? null : results.get(0).receipt();
            waitedNanos = waitedNanos(receipt);
            meter.served(decision.agreement(), receipt, began, state.required);
        } catch (SQLException e) {
            meter.failed(decision.agreement(), e);
            throw e;
        } finally {
            activity.end(waitedNanos);
        }
        List<Notice> notices = decision.agreement().notices();
        return notices.isEmpty()
                ? results
                : results.stream().map(result -> warned(result, notices)).toList();
    }

    private static long waitedNanos(@Nullable Receipt receipt) {
        return receipt == null || receipt.served().isEmpty()
                ? 0
                : receipt.served().get(0).waited().toNanos();
    }

    /** What a rule changed is never silent. */
    private Result warned(Result result, List<Notice> notices) {
        ruleCounts.count(notices);
        SQLWarning first = null;
        for (Notice notice : notices) {
            SQLWarning warning = Errors.warning(notice.state(), notice.message());
            if (first == null) {
                first = warning;
            } else {
                first.setNextWarning(warning);
            }
        }
        return new Result(result.rows(), result.count(), result.keys(), result.receipt(), first);
    }
}
