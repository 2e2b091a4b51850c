package io.tunabledb.engine.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.log.Shortage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskWatchTest {
    private static final int LOOKS_A_SECOND = 5;
    /** No disk has so much. */
    private static final long RESERVE = Long.MAX_VALUE / 4;

    @TempDir
    Path directory;

    private final List<String> told = new ArrayList<>();
    private final Map<Integer, Shortage> waiting = new HashMap<>();

    private final DiskWatch watch =
            new DiskWatch(3, node -> directory.resolve("n" + node), waiting::get, new Told(), RESERVE);

    private final class Told implements DiskWatch.Alone {
        @Override
        public void isShort(int node, IntPredicate hasRoom) {
            told.add("short n" + node + " room "
                    + IntStream.rangeClosed(1, 3).filter(hasRoom).boxed().toList());
        }

        @Override
        public void waits(int node, boolean isLong) {
            told.add("waits n" + node + (isLong ? " long" : ""));
        }
    }

    private void look(int times) {
        for (int i = 0; i < times; i++) {
            watch.look();
        }
    }

    /** What is not there is on no disk. */
    @Test
    void oneThatIsShortAloneIsToldOfAboutOnceASecond() throws IOException {
        Files.createDirectory(directory.resolve("n2"));
        look(2 * LOOKS_A_SECOND);
        assertThat(told).containsExactly("short n2 room [1, 3]", "short n2 room [1, 3]");
        assertThat(watch.refuses()).isNull();
        assertThat(watch.at(2)).isNotNull();
        Files.delete(directory.resolve("n2"));
        look(LOOKS_A_SECOND);
        assertThat(told).hasSize(2);
    }

    @Test
    void aMajorityThatIsShortRefusesWritesAndNobodyIsAlone() throws IOException {
        Files.createDirectory(directory.resolve("n2"));
        Files.createDirectory(directory.resolve("n3"));
        look(2 * LOOKS_A_SECOND);
        assertThat(told).isEmpty();
        assertThat(watch.refuses()).isNotNull();
    }

    @Test
    void oneThatWaitsAloneIsToldOfUntilItDoesNot() {
        waiting.put(1, new Shortage(directory, 0, 1, null));
        look(LOOKS_A_SECOND - 1);
        assertThat(told).containsExactly("short n1 room [2, 3]");
        look(1);
        assertThat(told).endsWith("waits n1");
        look(4 * LOOKS_A_SECOND);
        assertThat(told).endsWith("short n1 room [2, 3]", "waits n1 long");
        waiting.clear();
        told.clear();
        look(3 * LOOKS_A_SECOND);
        assertThat(told).isEmpty();
    }

    @Test
    void whereAMajorityWaitsNobodyIsAlone() {
        waiting.put(1, new Shortage(directory, 0, 1, null));
        waiting.put(3, new Shortage(directory, 0, 1, null));
        look(6 * LOOKS_A_SECOND);
        assertThat(told).isEmpty();
        assertThat(watch.stops()).isNotNull();
    }
}
