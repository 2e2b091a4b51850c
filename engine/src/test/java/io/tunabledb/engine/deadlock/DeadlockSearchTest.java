package io.tunabledb.engine.deadlock;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.shard.held.LockOwner;
import io.tunabledb.engine.shard.held.LockWait;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Who gives way for which waits. */
class DeadlockSearchTest {
    private static final ScheduledExecutorService NEVER = Executors.newSingleThreadScheduledExecutor();

    @AfterAll
    static void stop() {
        NEVER.shutdownNow();
    }

    /** Shows one list of waits after the other, the last one for ever, and notes who was told to give way. */
    private static final class Looks implements LockHolders {
        private final Queue<List<LockWait>> looks;
        private final List<Long> victims = new ArrayList<>();

        Looks(List<LockWait> all) {
            this(all, all, all);
        }

        Looks(List<LockWait> first, List<LockWait> second, List<LockWait> third) {
            looks = new ArrayDeque<>(List.of(first, second, third));
        }

        @Override
        public List<LockWait> waits() {
            return looks.size() > 1 ? looks.remove() : looks.element();
        }

        @Override
        public boolean giveWay(LockWait wait, String why) {
            assertThat(why).contains("deadlock", "shard " + wait.shard());
            victims.add(wait.waiter().owner().session());
            return true;
        }

        List<Long> victims() {
            new DeadlockSearch(this, NEVER, Runnable::run).look();
            return victims;
        }
    }

    /** Session {@code waiter} waits in a shard for {@code blocker}; the higher the number, the younger. */
    private static LockWait wait(int shard, long waiter, long blocker) {
        return wait(shard, waiter, blocker, 1);
    }

    private static LockWait wait(int shard, long waiter, long blocker, long statement) {
        return new LockWait(shard, party(shard, waiter, statement), party(shard, blocker, 1));
    }

    private static LockWait.Party party(int shard, long session, long statement) {
        return new LockWait.Party(new LockOwner(session, 1, session), 10 * session + shard, statement);
    }

    @Test
    void theYoungestOfACircleGivesWay() {
        assertThat(new Looks(List.of(wait(0, 1, 2), wait(1, 2, 1))).victims()).containsExactly(2L);
        assertThat(new Looks(List.of(wait(0, 7, 2), wait(1, 2, 5), wait(2, 5, 7))).victims())
                .containsExactly(7L);
    }

    @Test
    void whoWaitsForACircleIsNotInIt() {
        assertThat(new Looks(List.of(wait(1, 9, 1), wait(0, 1, 2), wait(1, 2, 1), wait(0, 8, 9))).victims())
                .containsExactly(2L);
    }

    @Test
    void aChainIsNoCircle() {
        assertThat(new Looks(List.of(wait(0, 1, 2), wait(1, 2, 3), wait(2, 3, 4))).victims())
                .isEmpty();
    }

    @Test
    void eachOfTwoCirclesHasItsOwnVictim() {
        assertThat(new Looks(List.of(wait(0, 1, 2), wait(1, 2, 1), wait(0, 3, 4), wait(1, 4, 3))).victims())
                .containsExactlyInAnyOrder(2L, 4L);
    }

    /** The shards are looked at one after the other: a circle may be made of waits that followed each other. */
    @Test
    void waitsThatAreGoneAtASecondOrThirdLookAreNoCircle() {
        List<LockWait> circle = List.of(wait(0, 1, 2), wait(1, 2, 1));
        assertThat(new Looks(circle, List.of(wait(0, 1, 2)), circle).victims()).isEmpty();
        assertThat(new Looks(circle, circle, List.of(wait(1, 2, 1))).victims()).isEmpty();
        // the same two, in another statement
        assertThat(new Looks(circle, List.of(wait(0, 1, 2, 2), wait(1, 2, 1)), circle).victims())
                .isEmpty();
        assertThat(new Looks(circle, circle, List.of(wait(0, 1, 2), wait(1, 2, 1, 2))).victims())
                .isEmpty();
    }

    /** Equal numbers of one session's parts in two shards make no circle of two transactions that follow each other. */
    @Test
    void aSessionsNextTransactionIsAnother() {
        LockWait.Party next = new LockWait.Party(new LockOwner(1, 2, 1), 99, 1);
        LockWait forTheNext = new LockWait(1, party(1, 2, 1), next);
        assertThat(new Looks(List.of(wait(0, 1, 2), forTheNext)).victims()).isEmpty();
    }

    @Test
    void everyCircleOfRandomWaitsIsFoundOnce() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int turn = 0; turn < 2_000; turn++) {
            Map<Long, Long> next = new HashMap<>();
            List<LockWait> waits = new ArrayList<>();
            int sessions = 2 + random.nextInt(12);
            for (long session = 1; session <= sessions; session++) {
                long blocker = 1L + random.nextInt(sessions);
                if (blocker != session && random.nextInt(5) > 0) {
                    next.put(session, blocker);
                    waits.add(wait(random.nextInt(4), session, blocker));
                }
            }
            assertThat(new HashSet<>(new Looks(waits).victims()))
                    .as("seed %d, turn %d, %s", seed, turn, next)
                    .isEqualTo(youngestOnCircles(next));
        }
    }

    /** Walks from each one as many steps as there are sessions: who comes back to himself is on a circle. */
    private static Set<Long> youngestOnCircles(Map<Long, Long> next) {
        Set<Long> youngest = new HashSet<>();
        for (long start : next.keySet()) {
            long highest = start;
            Long at = next.get(start);
            for (int step = 0; at != null && at != start && step < next.size(); step++) {
                highest = Math.max(highest, at);
                at = next.get(at);
            }
            if (at != null && at == start) {
                youngest.add(highest);
            }
        }
        return youngest;
    }
}
