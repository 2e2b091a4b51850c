package io.tunabledb.engine.execute.scatter;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Rung;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.session.Leaders;
import io.tunabledb.engine.execute.session.PlacementVersion;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.transaction.CrossCommit;
import io.tunabledb.engine.execute.transaction.CrossRead;
import io.tunabledb.engine.execute.transaction.TransactionCut;
import io.tunabledb.engine.execute.transaction.WritePath;
import io.tunabledb.engine.plan.placement.Sharding;
import io.tunabledb.engine.shard.held.LockOwner;
import io.tunabledb.engine.shard.log.Outcome;
import io.tunabledb.sql.Statement.TransactionControl;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A session's open transaction, in however many shards it has come to: the first of them is its home. Its parts are committed
 * together ({@link CrossCommit}), and when one of them is lost all are.
 */
final class SpreadTransaction {
    /** Set in every shard before a statement over several runs in the user's transaction: it takes effect whole or not. */
    private static final String STATEMENT = "TUNABLE$STATEMENT";

    private static final int MOST_SAVEPOINTS = 100_000;

    private final SessionState state;
    private final WritePaths paths;
    private final TransactionCut cut;
    /** The shards of the open transaction, the first one first: that is its home. */
    private final Set<Integer> order = new LinkedHashSet<>();
    /** What a shard that comes in later has to be told first. */
    private final Set<TransactionControl> savepoints = new LinkedHashSet<>();

    /** When a statement that is a transaction of its own, and repeated by itself, was first tried; 0 for any other. */
    private long firstTryMillis;

    SpreadTransaction(SessionState state, WritePaths paths) {
        this.state = state;
        this.paths = paths;
        this.cut = new TransactionCut(state, paths::at);
    }

    /** The shard it came to first, or -1 before that. */
    int home() {
        return order.isEmpty() ? -1 : order.iterator().next();
    }

    /** What begins from now on is as old as this: a later try of the same statement; 0 for a try of its own. */
    void isAsOldAs(long millis) {
        firstTryMillis = millis;
    }

    /** A statement that runs in several shards. */
    @FunctionalInterface
    interface Spread {
        Result run() throws SQLException;
    }

    /** Executes a statement in several shards, whole or not at all. */
    Result whole(Set<Integer> touched, Rung rung, Spread statement) throws SQLException {
        for (int shard : touched) {
            WritePath path = enter(shard, rung);
            path.begin(rung);
            path.control(TransactionControl.savepoint(STATEMENT));
        }
        try {
            return statement.run();
        } catch (SQLException e) {
            if (paths.doomed() == null) {
                for (int shard : touched) {
                    paths.at(shard).control(TransactionControl.rollbackTo(STATEMENT));
                }
            }
            throw e;
        }
    }

    /** Executes in the transaction's part in one shard, begun now if there is none. */
    Result inShard(int shard, WritePath.Write write, Parameters parameters) throws SQLException {
        WritePath path = enter(shard, write.agreement().granted().first());
        try {
            return path.execute(write, parameters);
        } finally {
            endIfDoomed(path);
        }
    }

    /** A transaction that is lost in one shard needs its locks in the others no more. */
    private void endIfDoomed(WritePath lost) {
        if (lost.doomed() == null) {
            return;
        }
        for (WritePath other : paths.made()) {
            if (other != lost && other.doomed() == null) {
                other.rollback();
            }
        }
    }

    /** What changes REFERENCE tables in shard 0. */
    @FunctionalInterface
    interface InFirstShard {
        Result run() throws SQLException;
    }

    /**
     * Runs what changes REFERENCE tables in shard 0, with whatever it draws and rolls there; the rows it changed go to all
     * other shards as they are. The first shard locks first, so two such writes never wait for each other.
     */
    Result copied(PlacementVersion placementVersion, InFirstShard change) throws SQLException {
        WritePath first = enter(0);
        long mark = first.mark();
        Result result = change.run();
        byte[] changes = first.changesSince(
                mark,
                table ->
                        state.cluster().catalog().sharding(table.schema(), table.name()) instanceof Sharding.Reference);
        for (int shard = 1; changes != null && shard < paths.shards(); shard++) {
            WritePath path = enter(shard);
            try {
                path.ship(changes, placementVersion);
            } finally {
                endIfDoomed(path);
            }
        }
        return result;
    }

    /** The transaction comes to a shard. */
    WritePath enter(int shard) throws SQLException {
        return enter(shard, Rung.of(Level.SEQUENTIAL));
    }

    /** With a statement at this rung. */
    private WritePath enter(int shard, Rung rung) throws SQLException {
        if (order.isEmpty()) {
            begin(shard, rung);
        }
        WritePath path = paths.at(shard);
        if (order.add(shard)) {
            if (order.size() == 2) {
                state.cluster().deadlocks().spread();
            }
            for (TransactionControl savepoint : savepoints) {
                path.begin(rung);
                path.control(savepoint);
            }
        }
        return path;
    }

    /** In one shard, or in all of them when what it sees must be one state of all. */
    private void begin(int shard, Rung rung) throws SQLException {
        long millis = firstTryMillis == 0 ? System.currentTimeMillis() : firstTryMillis;
        state.owns(LockOwner.since(state.id(), millis));
        if (!cut.isNeeded()) {
            order.add(shard);
            return;
        }
        boolean begun = false;
        try {
            cut.begin(rung);
            begun = true;
        } finally {
            if (!begun) {
                forget();
            }
        }
        order.add(shard);
        for (int other = 0; other < paths.shards(); other++) {
            order.add(other);
        }
        state.cluster().deadlocks().spread();
    }

    /** Rolls the open transaction back, if there is one; what is left of it refuses everything until it is ended. */
    void doom(String why) {
        for (WritePath path : paths.made()) {
            if (path.inTransaction()) {
                path.doom(why);
                endIfDoomed(path);
                return;
            }
        }
    }

    /** Refuses what runs in a transaction that is lost. */
    void requireNotDoomed() throws SQLException {
        String lost = paths.doomed();
        if (lost != null) {
            throw Refusals.rolledBack(lost + " (roll back first)", null);
        }
    }

    /** Commits the open transaction, if there is one. 40001 when it was lost, 08007 when nobody knows in time. */
    void commit(String what) throws SQLException {
        List<Integer> shards = List.copyOf(order);
        String lost = paths.doomed();
        if (lost != null) {
            rollback();
            throw Refusals.rolledBack(lost, null);
        }
        forget();
        if (paths.shards() == 1 || shards.size() <= 1) {
            int shard = shards.isEmpty() ? 0 : shards.get(0);
            WritePath only = paths.ifMade(shard);
            if (only != null) {
                only.commit();
            }
            return;
        }
        commitTogether(shards, what);
    }

    private void commitTogether(List<Integer> shards, String what) throws SQLException {
        List<CrossCommit.Branch> branches = take(shards);
        if (branches.isEmpty()) {
            return;
        }
        Duration patience = state.consistencyTimeout();
        Deadline deadline = Deadline.in(patience);
        CrossCommit.Terms terms = new CrossCommit.Terms(state.nextNumber(), Outcome.DONE, what, deadline, patience);
        if (branches.get(0).changes().length == 0) {
            new CrossRead(branches, deadline).commit();
            return;
        }
        Leaders.Resolution resolution = new CrossCommit(state, branches, terms).commit();
        if (resolution instanceof Leaders.Resolution.NotCommitted not) {
            String conflict = not.conflict();
            throw Refusals.rolledBack(
                    conflict != null ? conflict : "the leader of one of its shards changed before it was committed",
                    null);
        }
    }

    /** Every shard's part that changed something or is to be validated, the former first; the others are ended. */
    private List<CrossCommit.Branch> take(List<Integer> shards) throws SQLException {
        List<CrossCommit.Branch> branches = new ArrayList<>();
        boolean complete = false;
        try {
            for (int shard : shards) {
                CrossCommit.Branch branch = paths.at(shard).take();
                if (branch != null) {
                    branches.add(branch);
                }
            }
            branches.sort(Comparator.comparing(branch -> branch.changes().length == 0));
            complete = true;
            return branches;
        } finally {
            if (!complete) {
                branches.forEach(branch -> branch.leader().rollBack(branch.held()));
                rollback();
            }
        }
    }

    /** Rolls the open transaction back, if there is one. */
    void rollback() {
        forget();
        paths.made().forEach(WritePath::rollback);
    }

    /** Nothing is open any more. */
    void forget() {
        if (order.size() > 1) {
            state.cluster().deadlocks().ended();
        }
        state.owns(null);
        order.clear();
        savepoints.clear();
    }

    /** Does something about savepoints inside the open transaction, begun now if there is none. */
    void control(TransactionControl control) throws SQLException {
        requireNotDoomed();
        if (order.isEmpty()) {
            enter(0);
        }
        for (int shard : order) {
            paths.at(shard).control(control);
        }
        if (paths.shards() > 1 && control.verb() == TransactionControl.Verb.SAVEPOINT) {
            remember(control);
        }
    }

    /** To storage a release changes nothing, and a savepoint that is set again is where it was set last. */
    private void remember(TransactionControl savepoint) throws SQLException {
        savepoints.remove(savepoint);
        if (savepoints.size() >= MOST_SAVEPOINTS) {
            throw Errors.of(
                    SqlState.OVER_LIMIT,
                    "the transaction has set more than " + MOST_SAVEPOINTS
                            + " savepoints, and a shard that comes into it later has to set them all; use the same names"
                            + " again, or commit in between");
        }
        savepoints.add(savepoint);
    }
}
