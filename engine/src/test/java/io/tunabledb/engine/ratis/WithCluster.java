package io.tunabledb.engine.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A test of nodes that are started for it, and stopped after it without a complaint. */
abstract class WithCluster {
    @TempDir
    Path directory;

    Cluster cluster;

    /** The nodes, in a folder of their own. */
    abstract Cluster started(Path folder) throws IOException;

    @BeforeEach
    final void start() throws IOException {
        cluster = started(directory.resolve("nodes"));
    }

    @AfterEach
    final void stop() {
        cluster.close();
        if (mayNotComplain()) {
            assertThat(cluster.complaints()).isEmpty();
        }
    }

    /** False where the test breaks what nodes then complain of. */
    boolean mayNotComplain() {
        return true;
    }
}
