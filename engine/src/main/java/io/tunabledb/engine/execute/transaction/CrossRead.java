package io.tunabledb.engine.execute.transaction;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.transaction.CrossCommit.Branch;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.shard.validation.ConflictException;
import io.tunabledb.engine.shard.validation.Validation;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Commits a LINEARIZABLE transaction that has read in several shards and changed nothing. While it has guards in all of
 * them, all it has read is as it read it; leaders that are confirmed after that were leaders then, so nothing else was
 * changed by others. Logs nothing.
 */
public final class CrossRead {
    private final List<Branch> branches;
    private final Deadline deadline;

    public CrossRead(List<Branch> branches, Deadline deadline) {
        this.branches = branches;
        this.deadline = deadline;
    }

    /** Ends the transaction; 40001 when what it has read was no one state. */
    public void commit() throws SQLException {
        List<Validation.Guard> guards = new ArrayList<>();
        try {
            for (Branch branch : branches) {
                guards.add(branch.leader().guardReads(branch.held()));
            }
            for (Branch branch : branches) {
                if (!LeaderStatements.confirmLeadership(branch.leader(), deadline)) {
                    throw new NotLeaderException("the leader of one of its shards changed before it was committed");
                }
            }
            branches.forEach(branch -> branch.leader().endUnchanged(branch.held()));
        } catch (ConflictException | NotLeaderException e) {
            branches.forEach(branch -> branch.leader().rollBack(branch.held()));
            throw Refusals.rolledBack(Objects.requireNonNull(e.getMessage()), null);
        } finally {
            guards.forEach(guard -> guard.release(false));
        }
    }
}
