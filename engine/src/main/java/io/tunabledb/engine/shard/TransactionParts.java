package io.tunabledb.engine.shard;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.shard.held.ActiveTransaction;
import io.tunabledb.engine.shard.log.Decision;
import io.tunabledb.engine.shard.log.Entry;
import io.tunabledb.engine.shard.log.Outcome;
import io.tunabledb.engine.shard.log.TransactionId;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A leader's parts of transactions over several shards, on their way to the log; DESIGN.md
 * beside this tells the protocol.
 */
final class TransactionParts {
    private final Replica replica;
    private final ValidatedProposals proposals;

    TransactionParts(Replica replica, ValidatedProposals proposals) {
        this.replica = replica;
        this.proposals = proposals;
    }

    /** A participant promises. */
    CompletableFuture<ShardLeader.Prepared> prepare(
            ShardLeader.Part part, TransactionId transactionId, int home, long epoch) {
        ActiveTransaction transaction = part.held();
        Entry.Prepare entry = new Entry.Prepare(
                transactionId.session(),
                transactionId.number(),
                transaction.term(),
                home,
                Math.max(epoch, replica.closing().vote()),
                part.changes(),
                part.readSet());
        return proposals.proposeGuarded(transaction, entry).thenApply(at -> {
            requireTerm(transaction, at);
            Long vote = replica.preparedTransactions().voteOf(transactionId);
            if (vote == null) {
                throw new NotLeaderException("its home has undone it already");
            }
            return new ShardLeader.Prepared(at, vote);
        });
    }

    /** Home decides. */
    CompletableFuture<ShardLeader.Decided> decide(
            ShardLeader.Part home,
            TransactionId transactionId,
            Outcome outcome,
            List<Integer> participants,
            long epoch) {
        ActiveTransaction transaction = home.held();
        Entry.Decide entry = new Entry.Decide(
                transactionId.session(),
                transactionId.number(),
                transaction.term(),
                epoch,
                List.copyOf(participants),
                outcome.encode(),
                home.changes(),
                home.readSet());
        // its rows may have to wait for their epoch, behind the decision: as long it guards what it has read, like a
        // participant. Two homes that waited for each other's participants would wait for ever
        CompletableFuture<LogPosition> applied = epoch > replica.epoch()
                ? proposals.proposeGuarded(transaction, entry)
                : proposals.propose(transaction, entry, Deadline.in(Duration.ZERO));
        return applied.thenApply(at -> {
            requireTerm(transaction, at);
            return decided(at, transactionId);
        });
    }

    private ShardLeader.Decided decided(LogPosition at, TransactionId transactionId) {
        Decision.Committed decision = replica.preparedTransactions().decisionOn(transactionId);
        // forgotten: then every shard shows it, and has come to its epoch
        long epoch = decision == null ? replica.epoch() : decision.epoch();
        return new ShardLeader.Decided(at, epoch, replica.preparedTransactions().voteOf(transactionId) != null);
    }

    /** Logged in another term than it ran in, it is void on every replica. */
    private static void requireTerm(ActiveTransaction transaction, LogPosition at) {
        if (at.term() != transaction.term()) {
            throw new NotLeaderException("the shard's leader changed before the entry was logged");
        }
    }

    /** What became of one whose home this is. */
    CompletableFuture<Decision> decision(TransactionId transactionId) {
        long term = replica.activeTransactions().admittedTerm();
        if (term == 0) {
            return CompletableFuture.failedFuture(new NotLeaderException("this replica does not lead its shard"));
        }
        Decision.Committed known = replica.preparedTransactions().decisionOn(transactionId);
        if (known != null) {
            // what is applied here is committed, whoever leads now
            return CompletableFuture.completedFuture(known);
        }
        ActiveTransaction held = replica.activeTransactions().home(transactionId);
        if (held != null && held.isOverdue() && held.abort("it was not decided by its deadline")) {
            replica.activeTransactions().end(held);
            held = null;
        }
        if (held != null) {
            return CompletableFuture.completedFuture(new Decision.Undecided());
        }
        // there is no undecided part in this term, and of earlier terms nothing can be logged any more: what is not
        // decided now never will be, if this is the leader yet
        return replica.caughtUp().thenApply(index -> {
            boolean isLeader = replica.activeTransactions().admittedTerm() == term
                    && replica.status().term() == term
                    && replica.storage().appliedTerm() <= term;
            if (!isLeader) {
                throw new NotLeaderException("this replica no longer leads its shard");
            }
            Decision.Committed decided = replica.preparedTransactions().decisionOn(transactionId);
            return decided == null ? new Decision.Aborted() : decided;
        });
    }
}
