package io.tunabledb.engine.execute.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.execute.Accounts;
import io.tunabledb.engine.execute.session.Leaders.Resolution;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.transaction.CrossCommit.Branch;
import io.tunabledb.engine.shard.Replica;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Transfers over shards from several threads while nodes are killed and cut off: every one is everywhere or nowhere. */
class CrossCommitFaultsTest {
    private static final int THREADS = 6;
    private static final Duration RUN = Duration.ofSeconds(3);
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    /** Faults that follow closely let hardly anything through; when they are over everything must go on. */
    private static final Duration AT_MOST = Duration.ofSeconds(30);

    private static final int ENOUGH = 10;

    private enum End {
        COMMITTED,
        UNDONE,
        UNKNOWN
    }

    private record Transfer(long id, List<Integer> shards) {}

    private final Map<Transfer, End> ended = new ConcurrentHashMap<>();
    private final AtomicLong ids = new AtomicLong();
    private final AtomicInteger committed = new AtomicInteger();

    @Test
    void everyTransferIsWholeUnderFaults() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        try (Accounts accounts = new Accounts()) {
            for (int shard = 0; shard < Accounts.SHARDS; shard++) {
                accounts.define(shard, "CREATE TABLE TRACE(ID BIGINT PRIMARY KEY)");
            }
            long until = System.nanoTime() + RUN.toNanos();
            List<CompletableFuture<Void>> threads = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                Random random = new Random(seed + thread);
                threads.add(CompletableFuture.runAsync(() -> transferUntil(accounts, random, until)));
            }
            disturb(accounts, new Random(seed), until);
            for (CompletableFuture<Void> thread : threads) {
                thread.get(60, TimeUnit.SECONDS);
            }
            accounts.assertWhole();
            assertWhole(accounts);
        }
    }

    private void transferUntil(Accounts accounts, Random random, long until) {
        long last = until + AT_MOST.toNanos();
        while (System.nanoTime() < until || (committed.get() <= ENOUGH && System.nanoTime() < last)) {
            List<Integer> shards = new ArrayList<>(List.of(0, 1, 2));
            if (random.nextInt(3) > 0) {
                shards.remove(random.nextInt(3));
            }
            int row = 1 + random.nextInt(Accounts.ROWS);
            Transfer transfer = new Transfer(ids.incrementAndGet(), shards);
            End end = transfer(accounts, transfer, row);
            ended.put(transfer, end);
            if (end == End.COMMITTED) {
                committed.incrementAndGet();
            }
        }
    }

    private static End transfer(Accounts accounts, Transfer transfer, int row) {
        SessionState session = accounts.session();
        List<Branch> branches = new ArrayList<>();
        boolean isTaken = false;
        try {
            for (int shard : transfer.shards) {
                long amount = branches.isEmpty() ? transfer.shards.size() - 1 : -1;
                branches.add(accounts.branch(
                        session, shard, Accounts.move(row, amount), "INSERT INTO TRACE VALUES(" + transfer.id + ")"));
            }
            isTaken = true;
            Resolution resolution = accounts.commit(session, branches, PATIENCE);
            return resolution instanceof Resolution.Committed ? End.COMMITTED : End.UNDONE;
        } catch (SQLException e) {
            return SqlState.OUTCOME_UNKNOWN.code().equals(e.getSQLState()) ? End.UNKNOWN : End.UNDONE;
        } catch (RuntimeException e) {
            // the storage went while a statement was prepared in it
            return isTaken ? End.UNKNOWN : End.UNDONE;
        } finally {
            if (!isTaken) {
                branches.forEach(branch -> branch.leader().rollBack(branch.held()));
            }
        }
    }

    /** One node at a time is killed and started again, or cut off and joined again. */
    private static void disturb(Accounts accounts, Random random, long until) throws Exception {
        while (System.nanoTime() < until) {
            int node =
                    accounts.leader(random.nextInt(Accounts.SHARDS)).replica().node();
            boolean kills = random.nextBoolean();
            if (kills) {
                accounts.nodes.kill(node);
            } else {
                accounts.nodes.network().isolate(node);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(700)));
            if (kills) {
                accounts.nodes.restart(node);
            } else {
                accounts.nodes.network().heal();
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200 + random.nextInt(300)));
        }
    }

    private void assertWhole(Accounts accounts) throws SQLException {
        for (Map.Entry<Transfer, End> each : ended.entrySet()) {
            Transfer transfer = each.getKey();
            int found = 0;
            for (int shard : transfer.shards) {
                Replica leader = accounts.leader(shard).replica();
                found += (int) Accounts.query(leader, "SELECT COUNT(*) FROM TRACE WHERE ID = " + transfer.id);
            }
            switch (each.getValue()) {
                case COMMITTED -> assertThat(found).as("%s", each).isEqualTo(transfer.shards.size());
                case UNDONE -> assertThat(found).as("%s", each).isZero();
                case UNKNOWN -> assertThat(found).as("%s", each).isIn(0, transfer.shards.size());
            }
        }
        System.out.println(committed + " of " + ended.size() + " transfers committed");
        assertThat(committed.get()).isGreaterThan(ENOUGH);
    }
}
