package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.guarantees.TransactionHistory.Transaction;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The checker that the histories of {@link StrictSerializabilityTest} are judged by, on such whose verdict is known. */
class TransactionHistoryTest {

    private static Transaction transaction(
            int id, Map<Integer, List<Integer>> reads, Set<Integer> appends, long invoked, long returned) {
        return new Transaction(id, reads, appends, invoked, returned);
    }

    @Test
    void oneAfterTheOther() {
        assertThat(TransactionHistory.violation(
                        List.of(
                                transaction(1, Map.of(1, List.of()), Set.of(1), 0, 10),
                                transaction(2, Map.of(1, List.of(1)), Set.of(1, 2), 20, 30),
                                transaction(3, Map.of(1, List.of(1, 2), 2, List.of(2)), Set.of(), 40, 50)),
                        Map.of(1, List.of(1, 2), 2, List.of(2))))
                .isEmpty();
    }

    @Test
    void aStaleReadBreaksRealTimeOnly() {
        Transaction write = transaction(1, Map.of(), Set.of(1), 0, 10);
        Map<Integer, List<Integer>> last = Map.of(1, List.of(1));
        assertThat(TransactionHistory.violation(
                        List.of(write, transaction(2, Map.of(1, List.of()), Set.of(), 20, 30)), last))
                .isPresent();
        assertThat(TransactionHistory.violation(
                        List.of(write, transaction(2, Map.of(1, List.of()), Set.of(), 5, 30)), last))
                .isEmpty();
    }

    @Test
    void writeSkewIsACycle() {
        assertThat(TransactionHistory.violation(
                        List.of(
                                transaction(1, Map.of(1, List.of(), 2, List.of()), Set.of(1), 0, 10),
                                transaction(2, Map.of(1, List.of(), 2, List.of()), Set.of(2), 0, 10)),
                        Map.of(1, List.of(1), 2, List.of(2))))
                .isPresent();
    }

    @Test
    void readSkewIsACycle() {
        assertThat(TransactionHistory.violation(
                        List.of(
                                transaction(1, Map.of(), Set.of(1, 2), 0, 10),
                                transaction(2, Map.of(1, List.of(), 2, List.of(1)), Set.of(), 0, 10)),
                        Map.of(1, List.of(1), 2, List.of(1))))
                .isPresent();
    }

    @Test
    void aLostUpdateAndALostAppend() {
        assertThat(TransactionHistory.violation(
                        List.of(
                                transaction(1, Map.of(1, List.of()), Set.of(1), 0, 10),
                                transaction(2, Map.of(1, List.of()), Set.of(1), 0, 10)),
                        Map.of(1, List.of(1, 2))))
                .isPresent();
        assertThat(TransactionHistory.violation(
                        List.of(transaction(1, Map.of(), Set.of(1), 0, 10)), Map.of(1, List.of())))
                .isPresent();
    }

    @Test
    void anAbortedReadHasNoPlace() {
        assertThat(TransactionHistory.violation(
                        List.of(transaction(1, Map.of(1, List.of(7)), Set.of(), 0, 10)), Map.of(1, List.of())))
                .isPresent();
    }
}
