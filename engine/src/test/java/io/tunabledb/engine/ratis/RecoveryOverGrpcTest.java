package io.tunabledb.engine.ratis;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** As {@link RecoveryTest}, over gRPC. */
@Tag("campaign")
class RecoveryOverGrpcTest extends RecoveryTest {
    @BeforeAll
    static void overGrpc() {
        Cluster.isOverGrpc = true;
    }

    @AfterAll
    static void inProcess() {
        Cluster.isOverGrpc = false;
    }

    /** An entry is many pieces on its way. */
    @Override
    Duration feeding() {
        return Duration.ofMillis(10);
    }
}
