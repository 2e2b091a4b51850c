package io.tunabledb.durability;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database that is used for long, with as many rows at the end as at the beginning, holds no more than it did. */
@Tag("campaign")
class SoakTest {
    private static final Duration PATIENCE = Duration.ofMinutes(15);
    private static final Duration LOOK = Duration.ofSeconds(10);

    @TempDir
    Path directory;

    @Test
    void holdsNoMoreAtTheEndThanAtTheBeginning() throws Exception {
        Duration time = Duration.ofSeconds(Integer.getInteger("campaign.seconds", 1800));
        long seed = Long.getLong("campaign.seed", System.nanoTime());
        System.out.println("SoakTest: -Dcampaign.seed=" + seed);
        Path folder = directory.resolve("db");
        String url = "jdbc:tunable:file:" + folder + "?shards=" + Integer.getInteger("campaign.shards", 1)
                + "&snapshotAfter=" + Integer.getInteger("campaign.snapshotAfter", 500_000);
        List<String> options = List.of("-Xmx" + System.getProperty("campaign.heap", "256m"), "-XX:+UseSerialGC");
        List<String> arguments = List.of(url, "6", Long.toString(seed), folder.toString());
        ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
        List<Figures> looks = new ArrayList<>();
        try (ChildJvm child = ChildJvm.start(MixedLoad.class, options, arguments, line -> note(line, wrong))) {
            child.await("READY", PATIENCE);
            long endNanos = System.nanoTime() + time.toNanos();
            do {
                Thread.sleep(LOOK.toMillis());
                child.say("figures");
                Figures look = Figures.parse(child.await("FIGURES ", PATIENCE).substring("FIGURES ".length()));
                System.out.println("SoakTest: " + look);
                looks.add(look);
            } while (System.nanoTime() - endNanos < 0);
            child.endInput();
            System.out.println("SoakTest: " + child.await("TERMS", PATIENCE) + " " + child.await("DONE", PATIENCE));
        }
        assertThat(wrong).as("seed " + seed).isEmpty();
        flat("heap after collection", looks, Figures::heap, 6L << 20);
        flat("direct memory", looks, Figures::direct, 1 << 20);
        flat("threads", looks, Figures::threads, 3);
        flat("open files", looks, Figures::handles, 3);
        flat("files", looks, Figures::files, 15);
        flat("bytes of files", looks, Figures::bytes, 16L << 20);
    }

    private static void note(String line, ConcurrentLinkedQueue<String> wrong) {
        if (line.startsWith("ERROR") && wrong.size() < 20) {
            wrong.add(line);
            System.out.println(line);
        }
    }

    /**
     * The least of the last quarter is like that of the second: the first warms up, and logs and caches fill and are cut. What
     * Ratis remembers of each entry of a log's last file, 0.7 kB on three replicas, goes when the file is full and purged: 27 MB
     * at most, where entries are as small as they can be.
     */
    private static void flat(String what, List<Figures> looks, ToLongFunction<Figures> figure, long room) {
        int quarter = looks.size() / 4;
        long before = least(looks.subList(quarter, 2 * quarter), figure);
        long after = least(looks.subList(3 * quarter, looks.size()), figure);
        System.out.println("SoakTest: " + what + ": " + before + " in the second quarter, " + after + " in the last");
        assertThat(after).as(what + ", " + before + " in the second quarter").isLessThanOrEqualTo(before + room);
    }

    private static long least(List<Figures> looks, ToLongFunction<Figures> figure) {
        return looks.stream().mapToLong(figure).min().orElseThrow();
    }
}
