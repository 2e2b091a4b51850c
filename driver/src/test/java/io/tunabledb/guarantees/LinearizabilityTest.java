package io.tunabledb.guarantees;

import static io.tunabledb.guarantees.Operation.NEVER;
import static io.tunabledb.guarantees.Operation.read;
import static io.tunabledb.guarantees.Operation.write;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** The checker that the histories of {@link LinearizableTest} are judged by, on histories whose verdict is known. */
class LinearizabilityTest {

    private static void accepts(Operation... history) {
        assertThat(Linearizability.violation(List.of(history), 0)).isEmpty();
    }

    private static void rejects(Operation... history) {
        assertThat(Linearizability.violation(List.of(history), 0)).isPresent();
    }

    @Test
    void nothingHappened() {
        accepts();
    }

    @Test
    void aReadSeesTheWriteBeforeIt() {
        accepts(write(1, 1, 5, 0, 10), read(2, 1, 5, 20, 30));
        rejects(write(1, 1, 5, 0, 10), read(2, 1, 0, 20, 30));
    }

    @Test
    void aReadThatOverlapsAWriteSeesEither() {
        accepts(write(1, 1, 5, 0, 10), read(2, 1, 0, 5, 30));
        accepts(write(1, 1, 5, 0, 10), read(2, 1, 5, 5, 30));
    }

    @Test
    void onceANewValueWasReadNobodyReadsTheOldOne() {
        rejects(write(1, 1, 5, 0, 100), read(2, 1, 5, 10, 20), read(3, 1, 0, 30, 40));
        accepts(write(1, 1, 5, 0, 100), read(2, 1, 5, 10, 35), read(3, 1, 0, 30, 40));
    }

    @Test
    void concurrentWritesHaveOneOrderForAll() {
        rejects(
                write(1, 1, 5, 0, 10),
                write(2, 1, 6, 0, 10),
                read(3, 1, 5, 20, 30),
                read(3, 1, 6, 40, 50),
                read(4, 1, 5, 60, 70));
        accepts(write(1, 1, 5, 0, 10), write(2, 1, 6, 0, 10), read(3, 1, 5, 20, 30), read(4, 1, 5, 60, 70));
    }

    @Test
    void aWriteOfUnknownOutcomeMayTakeEffectLate() {
        accepts(write(1, 1, 5, 0, NEVER), read(2, 1, 0, 10, 20), read(2, 1, 5, 30, 40));
        accepts(write(1, 1, 5, 0, NEVER), read(2, 1, 0, 10, 20), read(2, 1, 0, 30, 40));
        accepts(write(1, 1, 5, 0, NEVER), write(2, 1, 6, 10, 20), read(3, 1, 6, 30, 40), read(3, 1, 5, 50, 60));
    }

    @Test
    void aWriteOfUnknownOutcomeTakesEffectOnce() {
        rejects(
                write(1, 1, 5, 0, NEVER),
                read(2, 1, 5, 10, 20),
                write(2, 1, 6, 30, 40),
                read(2, 1, 6, 50, 60),
                read(2, 1, 5, 70, 80));
    }

    @Test
    void aRefusedWriteThatIsReadAllTheSameIsSeen() {
        // a refused write is left out of the history, so its value comes from nowhere
        rejects(write(1, 1, 5, 0, 10), read(2, 1, 7, 20, 30));
    }

    @Test
    void aValueReadBeforeItsWriteBegan() {
        rejects(read(2, 1, 5, 0, 10), write(1, 1, 5, 20, 30));
        rejects(read(2, 1, 5, 0, 10), write(1, 1, 5, 20, NEVER));
    }

    @Test
    void keysAreJudgedAlone() {
        accepts(write(1, 1, 5, 0, 10), read(2, 2, 0, 20, 30));
        rejects(write(1, 1, 5, 0, 10), write(1, 2, 6, 20, 30), read(2, 1, 5, 40, 50), read(2, 2, 0, 60, 70));
    }

    @Test
    void aLongTrueHistoryIsAcceptedAndOneStaleReadInItIsFoundInTime() {
        for (long seed = 1; seed <= 5; seed++) {
            List<Operation> history = trueHistory(new Random(seed), 4000);
            Assertions.assertTimeout(
                    Duration.ofSeconds(10),
                    () -> assertThat(Linearizability.violation(history, 0)).isEmpty());
            int stale = 3000;
            while (history.get(stale).isWrite()) {
                stale++;
            }
            Operation truth = history.get(stale);
            history.set(stale, read(truth.client(), truth.key(), 1, truth.invoked(), truth.returned()));
            assertThat(Linearizability.violation(history, 0))
                    .as("seed %d", seed)
                    .isPresent();
        }
    }

    /** Eight clients whose operations take effect at random moments between their calls and returns. */
    private static List<Operation> trueHistory(Random random, int length) {
        List<Operation> history = new ArrayList<>();
        long[] freeAt = new long[8];
        List<long[]> moments = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            int client = random.nextInt(8);
            long invoked = freeAt[client] + 1 + random.nextInt(20);
            long moment = invoked + 1 + random.nextInt(20);
            long returned = moment + 1 + random.nextInt(20);
            freeAt[client] = returned;
            moments.add(new long[] {moment, client, invoked, returned});
        }
        Collections.sort(moments, (left, right) -> Long.compare(left[0], right[0]));
        long value = 0;
        long next = 1;
        for (long[] one : moments) {
            boolean isWrite = random.nextInt(3) == 0;
            if (isWrite) {
                value = next++;
            }
            boolean isKnown = !isWrite || random.nextInt(30) > 0;
            history.add(new Operation((int) one[1], 1, isWrite, value, one[2], isKnown ? one[3] : NEVER));
        }
        return history;
    }
}
