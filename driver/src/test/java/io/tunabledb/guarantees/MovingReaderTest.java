package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A reader that moves between replicas with its token at every read, while entries are applied everywhere. Storage
 * commits an entry before the replica can say so: a token that missed that last entry would let the next replica show
 * less.
 */
class MovingReaderTest {
    private static final int MOVES = 8000;
    private static final String READ = "SELECT V FROM CLOCK WHERE ID = 1 WITH CONSISTENCY ";

    @RegisterExtension
    static final Cluster cluster =
            Cluster.shared(1, "CREATE TABLE CLOCK(ID INT PRIMARY KEY, V BIGINT)", "INSERT INTO CLOCK VALUES (1, 0)");

    private static Background ticking() throws SQLException {
        AtomicLong tick = new AtomicLong();
        try (Client client = cluster.at(0)) {
            tick.set(client.number(READ + "LINEARIZABLE"));
        }
        return new Background()
                .repeat(cluster, 0, client -> client.update("UPDATE CLOCK SET V = ?", tick.incrementAndGet()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"MONOTONIC_READ", "SEQUENTIAL", "SNAPSHOT"})
    void itNeverGoesBack(String level) throws SQLException {
        long seed = Seeds.next();
        assertThat(stepsBack(level, true, seed)).as("seed %d", seed).isZero();
    }

    @Test
    void atEventualItGoesBack() throws SQLException {
        assertThat(stepsBack("EVENTUAL", false, Seeds.next())).isPositive();
    }

    @Test
    void withoutItsTokenItGoesBack() throws SQLException {
        assertThat(stepsBack("MONOTONIC_READ", false, Seeds.next())).isPositive();
    }

    private static int stepsBack(String level, boolean carriesToken, long seed) throws SQLException {
        Random random = new Random(seed);
        // one that lags a little, so that most moves find a replica which lacks what was just seen
        cluster.nodes().slow(cluster.follower(), Duration.ofMillis(2));
        int stepsBack = 0;
        Background ticking = ticking();
        List<Client> homes = new ArrayList<>();
        try (ticking) {
            for (int home : cluster.all()) {
                homes.add(cluster.at(home));
            }
            long last = 0;
            Client here = homes.get(0);
            for (int i = 0; i < MOVES; i++) {
                Client next = homes.get(random.nextInt(homes.size()));
                if (carriesToken) {
                    next.use(here.token());
                }
                long seen = next.number(READ + level);
                stepsBack += seen < last ? 1 : 0;
                last = seen;
                here = next;
            }
        } finally {
            for (Client client : homes) {
                client.close();
            }
        }
        return stepsBack;
    }
}
