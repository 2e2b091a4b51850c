package io.tunabledb.engine.ratis;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** As {@link PartitionTest}, over gRPC. */
@Tag("campaign")
class PartitionOverGrpcTest extends PartitionTest {
    @BeforeAll
    static void overGrpc() {
        Cluster.isOverGrpc = true;
    }

    @AfterAll
    static void inProcess() {
        Cluster.isOverGrpc = false;
    }

    /** Nobody asks Ratis for its read index over gRPC. */
    @Override
    void ratisItselfConfirmsAnIsolatedLeadersReadIndex() {
        // its negative control is of one JVM
    }
}
