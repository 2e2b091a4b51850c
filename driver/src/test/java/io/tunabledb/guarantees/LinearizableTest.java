package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** LINEARIZABLE: histories of concurrent reads and writes under faults are judged by {@link Linearizability}. */
class LinearizableTest {
    @RegisterExtension
    static final Cluster cluster = Cluster.shared(1);

    @Test
    void readsAndWritesAreLinearizableWhileLeadersAreCutOffAndSlowed() throws Exception {
        Registers load = new Registers(cluster, "HURT", Seeds.next());
        Nemesis nemesis = new Nemesis(cluster, load.seed());
        List<Operation> history = load.history("LINEARIZABLE", List.of(0, 1, 2, 3), any -> nemesis.hurt(load, 8));
        String story = "seed " + load.seed() + ": " + load + "; " + nemesis;
        System.out.println("linearizable history of " + story);
        assertThat(Linearizability.violation(history, 0)).as(story).isEmpty();
        assertThat(history.stream().filter(operation -> !operation.isWrite()).count())
                .as(story)
                .isGreaterThan(1000);
    }

    @Test
    void eventualReadsAtACutOffFollowerAreNot() throws Exception {
        Registers load = new Registers(cluster, "CUT_OFF", Seeds.next());
        List<Operation> history = load.history("EVENTUAL", List.of(1, 2, 3), any -> {
            load.during(500);
            cluster.nodes().isolate(cluster.follower());
            load.during(2000);
        });
        assertThat(Linearizability.violation(history, 0))
                .as("seed %d", load.seed())
                .isPresent();
    }

    @Test
    void eventualReadsAtASlowFollowerAreNot() throws Exception {
        Registers load = new Registers(cluster, "SLOW", Seeds.next());
        List<Operation> history = load.history("EVENTUAL", List.of(1, 2, 3), any -> {
            load.during(500);
            cluster.nodes().slow(cluster.follower(), Duration.ofMillis(50));
            load.during(2000);
        });
        assertThat(Linearizability.violation(history, 0))
                .as("seed %d", load.seed())
                .isPresent();
    }
}
