package io.tunabledb.engine.execute.read;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Receipt;
import io.tunabledb.consistency.Rung;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.serve.ReplicaRead;
import io.tunabledb.engine.execute.session.PlacementVersion;
import io.tunabledb.engine.execute.session.StorageStatement;
import io.tunabledb.engine.log.LogStatus;
import io.tunabledb.engine.negotiate.Agreement;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One try to serve a read by one rung.
 *
 * @param required the index that the replica must have applied because of what the session saw and wrote
 * @param fellBack why it is not the first rung that is tried; null when it is
 * @param keepsSnapshot whether its snapshot stays pinned for later reads
 * @param startedNanos when it began to wait
 */
record Attempt(
        ReadPath.Read read,
        Parameters parameters,
        Rung rung,
        long required,
        @Nullable String fellBack,
        int earlierAttempts,
        boolean keepsSnapshot,
        boolean isAudited,
        long startedNanos,
        Deadline deadline)
        implements ReplicaRead.Asked {

    @Override
    public StorageStatement query() {
        return read.query();
    }

    @Override
    public Level level() {
        return rung.level();
    }

    @Override
    public @Nullable Duration maxStaleness() {
        return rung.maxStaleness();
    }

    @Override
    public List<String> tables() {
        return read.tables();
    }

    @Override
    public PlacementVersion placement() {
        return read.placementVersion();
    }

    /**
     * What is answered.
     *
     * @param role what the replica was when it served
     */
    Result result(ReplicaRead.Served served, int shard, int node, LogStatus role, int attempts) {
        return new Result(served.rows(), -1, null, receipt(served, shard, node, role, attempts), null);
    }

    private Receipt receipt(ReplicaRead.Served served, int shard, int node, LogStatus role, int attempts) {
        Agreement agreement = read.agreement();
        String reason = agreement.reason();
        if (fellBack != null) {
            reason = reason == null ? fellBack : reason + "; " + fellBack;
        }
        if (rung.level() == Level.READ_UNCOMMITTED && !role.leading()) {
            reason = "the leader is unknown, so committed rows were served, as EVENTUAL does";
        }
        long staleness = served.stalenessNanos();
        return new Receipt(
                agreement.asked(),
                agreement.decidedBy(),
                rung,
                reason,
                List.of(new Receipt.Served(
                        shard,
                        "n" + node,
                        RouteExplanation.role(role),
                        served.seen(),
                        required,
                        staleness == Long.MAX_VALUE ? null : Duration.ofNanos(staleness),
                        Duration.ofNanos(served.waitedNanos()))),
                attempts,
                read.tables());
    }
}
