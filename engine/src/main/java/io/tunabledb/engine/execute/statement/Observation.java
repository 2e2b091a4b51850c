package io.tunabledb.engine.execute.statement;

import io.tunabledb.consistency.Receipt;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.load.Activity;
import io.tunabledb.engine.load.RuleCounts;
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
    private final Activity activity;
    private final RuleCounts ruleCounts;
    private final Sampling sampling = new Sampling();

    Observation(Activity activity, RuleCounts ruleCounts) {
        this.activity = activity;
        this.ruleCounts = ruleCounts;
    }

    /** An execution begins; what this returns goes to {@link #end}. */
    long begin(Decision decision) {
        activity.begin();
        return decision.meter().begin(sampling);
    }

    /** It failed. {@link #end} follows. */
    void failed(Decision decision, SQLException e) {
        decision.meter().failed(decision.agreement(), e);
    }

    /**
     * It ended.
     *
     * @param receipt what it got; null when it failed
     */
    void end(Decision decision, @Nullable Receipt receipt, long began) {
        activity.end(waitedNanos(receipt));
        if (receipt != null) {
            decision.meter().served(decision.agreement(), receipt, began);
        }
    }

    private static long waitedNanos(@Nullable Receipt receipt) {
        return receipt == null || receipt.served().isEmpty()
                ? 0
                : receipt.served().get(0).waited().toNanos();
    }

    /** The result with a warning of everything a rule changed, which is never silent. */
    Result told(Decision decision, Result result) {
        List<Notice> notices = decision.agreement().notices();
        if (notices.isEmpty()) {
            return result;
        }
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
