package io.tunabledb.guarantees;

import java.util.List;
import java.util.function.Predicate;

/**
 * The anomalies that isolation levels are told apart by, as Adya defines them (Weak Consistency: A Generalized Theory and
 * Optimistic Implementations for Distributed Transactions, 1999), each by the interleaving that Hermitage
 * (github.com/ept/hermitage) tries. The table has rows (1, 10) and (2, 20). A step is the number of its client and what
 * it does; a transaction begins with its client's first step.
 */
@SuppressWarnings("ImmutableEnumChecker") // its predicates have no state
enum Anomaly {
    G0_DIRTY_WRITE(
            run -> !List.of("11,21", "12,22").contains(run.rows()),
            "1 UPDATE T SET V = 11 WHERE ID = 1",
            "2 UPDATE T SET V = 12 WHERE ID = 1",
            "1 UPDATE T SET V = 21 WHERE ID = 2",
            "1 COMMIT",
            "2 UPDATE T SET V = 22 WHERE ID = 2",
            "2 COMMIT"),
    G1A_ABORTED_READ(
            run -> run.read("101"),
            "1 UPDATE T SET V = 101 WHERE ID = 1",
            "2 SELECT V FROM T WHERE ID = 1",
            "1 ROLLBACK",
            "2 SELECT V FROM T WHERE ID = 1",
            "2 COMMIT"),
    G1B_INTERMEDIATE_READ(
            run -> run.read("101"),
            "1 UPDATE T SET V = 101 WHERE ID = 1",
            "2 SELECT V FROM T WHERE ID = 1",
            "1 UPDATE T SET V = 11 WHERE ID = 1",
            "1 COMMIT",
            "2 SELECT V FROM T WHERE ID = 1",
            "2 COMMIT"),
    G1C_CIRCULAR_INFORMATION_FLOW(
            run -> run.read("11") && run.read("22"),
            "1 UPDATE T SET V = 11 WHERE ID = 1",
            "2 UPDATE T SET V = 22 WHERE ID = 2",
            "1 SELECT V FROM T WHERE ID = 2",
            "2 SELECT V FROM T WHERE ID = 1",
            "1 COMMIT",
            "2 COMMIT"),
    OTV_OBSERVED_TRANSACTION_VANISHES(
            run -> run.read("12") && run.reads(3).indexOf("12") < run.reads(3).lastIndexOf("19"),
            "1 UPDATE T SET V = 11 WHERE ID = 1",
            "1 UPDATE T SET V = 19 WHERE ID = 2",
            "2 UPDATE T SET V = 12 WHERE ID = 1",
            "1 COMMIT",
            "3 SELECT V FROM T WHERE ID = 1",
            "2 UPDATE T SET V = 18 WHERE ID = 2",
            "3 SELECT V FROM T WHERE ID = 2",
            "2 COMMIT",
            "3 SELECT V FROM T WHERE ID = 1",
            "3 SELECT V FROM T WHERE ID = 2",
            "3 COMMIT"),
    PMP_PREDICATE_MANY_PRECEDERS(
            run -> run.committed(1) && run.reads(1).equals(List.of("", "30")),
            "1 SELECT V FROM T WHERE V = 30",
            "2 INSERT INTO T VALUES (3, 30)",
            "2 COMMIT",
            "1 SELECT V FROM T WHERE MOD(V, 3) = 0",
            "1 COMMIT"),
    P4_LOST_UPDATE(
            run -> run.committed(1) && run.committed(2),
            "1 SELECT V FROM T WHERE ID = 1",
            "2 SELECT V FROM T WHERE ID = 1",
            "1 UPDATE T SET V = 11 WHERE ID = 1",
            "2 UPDATE T SET V = 12 WHERE ID = 1",
            "1 COMMIT",
            "2 COMMIT"),
    G_SINGLE_READ_SKEW(
            run -> run.committed(1) && run.reads(1).equals(List.of("10", "18")),
            "1 SELECT V FROM T WHERE ID = 1",
            "2 UPDATE T SET V = 12 WHERE ID = 1",
            "2 UPDATE T SET V = 18 WHERE ID = 2",
            "2 COMMIT",
            "1 SELECT V FROM T WHERE ID = 2",
            "1 COMMIT"),
    G_SINGLE_OF_PREDICATES(
            run -> run.committed(1) && run.reads(1).equals(List.of("10,20", "12")),
            "1 SELECT V FROM T WHERE MOD(V, 5) = 0 ORDER BY ID",
            "2 UPDATE T SET V = 12 WHERE V = 10",
            "2 COMMIT",
            "1 SELECT V FROM T WHERE MOD(V, 3) = 0",
            "1 COMMIT"),
    G2_ITEM_WRITE_SKEW(
            run -> run.committed(1) && run.committed(2),
            "1 SELECT V FROM T WHERE ID IN (1, 2) ORDER BY ID",
            "2 SELECT V FROM T WHERE ID IN (1, 2) ORDER BY ID",
            "1 UPDATE T SET V = 11 WHERE ID = 1",
            "2 UPDATE T SET V = 21 WHERE ID = 2",
            "1 COMMIT",
            "2 COMMIT"),
    G2_PREDICATE_WRITE_SKEW(
            run -> run.committed(1) && run.committed(2),
            "1 SELECT V FROM T WHERE MOD(V, 3) = 0",
            "2 SELECT V FROM T WHERE MOD(V, 3) = 0",
            "1 INSERT INTO T VALUES (3, 30)",
            "2 INSERT INTO T VALUES (4, 42)",
            "1 COMMIT",
            "2 COMMIT"),
    G2_READ_ONLY_TRANSACTION(
            run -> run.committed(1) && run.reads(3).equals(List.of("10,25")),
            "1 SELECT V FROM T ORDER BY ID",
            "2 UPDATE T SET V = 25 WHERE ID = 2",
            "2 COMMIT",
            "3 SELECT V FROM T ORDER BY ID",
            "3 COMMIT",
            "1 UPDATE T SET V = 0 WHERE ID = 1",
            "1 COMMIT"),
    /** The parent is deleted while its first child is inserted; H2 locks neither for the other. */
    G2_FOREIGN_KEY(
            run -> run.committed(1) && run.committed(2),
            "1 DELETE FROM PARENT WHERE ID = 1",
            "2 INSERT INTO CHILD VALUES (1, 1)",
            "1 COMMIT",
            "2 COMMIT");

    private final Predicate<Interleaving> occurred;
    private final List<String> steps;

    Anomaly(Predicate<Interleaving> occurred, String... steps) {
        this.occurred = occurred;
        this.steps = List.of(steps);
    }

    List<String> steps() {
        return steps;
    }

    boolean occurredIn(Interleaving run) {
        return occurred.test(run);
    }
}
