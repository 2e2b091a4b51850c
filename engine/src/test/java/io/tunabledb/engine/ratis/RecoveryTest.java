package io.tunabledb.engine.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.NotLeaderException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Replicas that stop, start, lose their directory or their newest snapshot. */
class RecoveryTest extends WithCluster {
    /** Four of these fill a log segment, so that there is something to purge. */
    private static final String LARGE = "x".repeat(1 << 20);

    @Override
    Cluster started(Path folder) throws IOException {
        return new Cluster(folder);
    }

    @Test
    void everythingIsThereAfterARestart() throws IOException {
        List<String> written = write("entry ", 50);
        cluster.stopAll();
        cluster.startAll();
        cluster.converge();
        assertThat(cluster.listing(2).entries()).isEqualTo(written);

        cluster.append(cluster.leader(), "after").join();
        cluster.converge();
        assertThat(cluster.listing(3).entries()).hasSize(51).endsWith("after");
    }

    @Test
    void everythingIsThereAfterARestartFromSnapshots() throws IOException {
        List<String> written = write("a ", 20);
        cluster.converge();
        for (int node = 1; node <= 3; node++) {
            cluster.snapshot(node);
        }
        written.addAll(write("b ", 20));
        cluster.stopAll();
        cluster.startAll();
        cluster.converge();
        for (int node = 1; node <= 3; node++) {
            assertThat(cluster.listing(node).entries()).isEqualTo(written);
        }
    }

    @Test
    void whatWasAcknowledgedSurvivesACrashInTheMiddleOfWrites() throws Exception {
        write("before ", 20);
        Thread writer = new Thread(() -> {
            for (int i = 0; !Thread.currentThread().isInterrupted(); i++) {
                cluster.append(1, "during " + i).exceptionally(e -> null).join();
            }
        });
        assertThat(cluster.leader()).isEqualTo(1);
        writer.start();
        Cluster.until(() -> cluster.listing(1).size() > 100);
        List<String> acknowledged = cluster.listing(1).entries();
        // what is in the files now, one node after the other, is what a crash would leave
        Path crashed = directory.resolve("crashed");
        for (int node = 1; node <= 3; node++) {
            copy(cluster.directory(node), crashed.resolve("node" + node));
        }
        writer.interrupt();
        writer.join();
        cluster.close();

        cluster = new Cluster(crashed);
        cluster.converge();
        for (int node = 1; node <= 3; node++) {
            assertThat(cluster.listing(node).entries()).startsWith(acknowledged.toArray(String[]::new));
            assertThat(cluster.listing(node).entries()).doesNotHaveDuplicates();
        }
    }

    @Test
    void aFollowerThatWasAwayCatchesUpFromTheLog() throws IOException {
        int follower = cluster.others(cluster.leader()).get(0);
        List<String> written = write("a ", 10);
        cluster.stop(follower);
        written.addAll(write("b ", 10));
        cluster.start(follower);
        cluster.converge();
        assertThat(cluster.listing(follower).entries()).isEqualTo(written);
    }

    @Test
    void aFollowerWhoseEntriesWerePurgedGetsASnapshot() throws IOException {
        int leader = cluster.leader();
        int follower = cluster.others(leader).get(0);
        write("a ", 3);
        cluster.stop(follower);
        writeAndPurge(follower);
        cluster.start(follower);
        cluster.converge();
        assertThat(cluster.listing(follower).restores).hasValue(2);
        assertThat(cluster.listing(follower).entries())
                .isEqualTo(cluster.listing(leader).entries());
        cluster.append(leader, "after").join();
        cluster.converge();
    }

    @Test
    void aFollowerThatWasCutOffGetsASnapshotWhileRunning() throws IOException {
        int leader = cluster.leader();
        int follower = cluster.others(leader).get(0);
        write("a ", 3);
        cluster.network.isolate(follower);
        writeAndPurge(follower);
        cluster.network.heal();
        cluster.converge();
        assertThat(cluster.listing(follower).restores).hasValue(2);
        cluster.append(cluster.leader(), "after").join();
        cluster.converge();
        assertThat(cluster.listing(follower).entries()).endsWith("after");
    }

    @Test
    void theLogIsPurgedUpToTheOlderOfTwoSnapshots() throws IOException {
        write(LARGE, 10);
        cluster.converge();
        long unpurged = logBytes(1);
        cluster.snapshot(1);
        assertThat(logBytes(1)).isEqualTo(unpurged);
        write("small ", 1);
        cluster.snapshot(1);
        Cluster.until(() -> logBytes(1) < unpurged / 2);
        write("small ", 1);
        cluster.snapshot(1);
        assertThat(snapshots(1)).hasSize(2);
    }

    @Test
    void aCorruptNewestSnapshotFallsBackToTheOneBefore() throws IOException {
        List<String> written = write(LARGE, 10);
        cluster.converge();
        cluster.snapshot(2);
        written.addAll(write("between ", 10));
        cluster.converge();
        cluster.snapshot(2);
        Cluster.until(() -> logBytes(2) < 5 << 20);
        written.addAll(write("after ", 10));
        cluster.converge();
        cluster.stop(2);
        Path newest = snapshots(2).get(1);
        Files.writeString(newest, "torn");

        cluster.start(2);
        cluster.converge();
        assertThat(cluster.listing(2).entries()).isEqualTo(written);
        assertThat(cluster.listing(2).restores).hasValue(1);
        assertThat(newest).doesNotExist();
    }

    @Test
    void aWipedFollowerDoesNotVoteBeforeItHasCaughtUp() throws IOException {
        WipedAndHalfFed scene = wipeAndFeedHalf(true);
        assertThat(staysWithoutLeader(List.of(scene.wiped, scene.behind), Duration.ofSeconds(3)))
                .isTrue();
        assertThat(cluster.node(scene.wiped).replica(0).isVoting()).isFalse();

        cluster.network.heal();
        Cluster.until(() -> cluster.node(scene.wiped).replica(0).isVoting());
        cluster.converge();
        assertThat(cluster.listing(scene.wiped).entries()).contains("only two 0");

        // a full member again
        cluster.stop(cluster.leader());
        cluster.appendSomewhere("after");
    }

    @Test
    void aWipedFollowerThatDoesNotSaySoElectsALeaderThatLacksAnEntry() throws IOException {
        WipedAndHalfFed scene = wipeAndFeedHalf(false);
        assertThat(staysWithoutLeader(List.of(scene.wiped, scene.behind), Duration.ofSeconds(10)))
                .isFalse();
        assertThat(cluster.listing(scene.behind).entries()).doesNotContain("only two 0");
        // what it leads to is beyond what the listings may complain about
        cluster.stop(scene.leader);
        assertThat(cluster.listing(scene.leader).entries()).contains("only two 0");
    }

    /** Slow enough for a node to be cut off while it is being fed. */
    Duration feeding() {
        return Duration.ofMillis(300);
    }

    private record WipedAndHalfFed(int leader, int wiped, int behind) {}

    /**
     * An entry is committed by the leader and a follower; that follower is wiped, and gets the first part of the log
     * again before the leader is cut off. With the third it is a majority, but neither has the entry.
     */
    private WipedAndHalfFed wipeAndFeedHalf(boolean rejoining) throws IOException {
        int leader = cluster.leader();
        int wiped = cluster.others(leader).get(0);
        int behind = cluster.others(leader).get(1);
        write(LARGE, 12);
        cluster.converge();
        cluster.network.isolate(behind);
        write("only two ", 1);
        cluster.stop(wiped);
        delete(cluster.directory(wiped));
        cluster.network.delay(leader, wiped, feeding());
        cluster.start(wiped, rejoining);
        // more than the first entry, which Ratis would see through
        Cluster.until(() -> cluster.log(wiped).status().lastIndex() > 3);
        cluster.network.isolate(leader);
        cluster.network.heal(behind);
        assertThat(cluster.network.reaches(leader, behind)).isFalse();
        assertThat(cluster.log(wiped).status().lastIndex()).isLessThan(13);
        return new WipedAndHalfFed(leader, wiped, behind);
    }

    @Test
    void aReplicaThatCanNotApplyStopsAloneAndSaysSo() throws IOException {
        int leader = cluster.leader();
        int broken = cluster.others(leader).get(0);
        cluster.listing(broken).breakOn("poison");
        cluster.append(leader, "before").join();
        cluster.append(leader, "poison").join();
        cluster.append(leader, "after").join();

        Cluster.until(() -> cluster.listing(broken).failure != null);
        assertThat(cluster.listing(broken).failure).hasMessageContaining("poison");
        Cluster.until(() -> !cluster.log(broken).status().alive());
        assertThat(cluster.listing(broken).entries()).containsExactly("before");
        assertThat(failure(broken)).isInstanceOf(NotLeaderException.class);
        cluster.append(leader, "more").join();
        assertThat(cluster.listing(leader).entries()).containsExactly("before", "poison", "after", "more");

        cluster.stop(broken);
        cluster.start(broken);
        cluster.converge();
    }

    @Test
    void aLeaderThatCanNotApplyStopsAndAnotherTakesOver() {
        int broken = cluster.leader();
        cluster.listing(broken).breakOn("poison");
        var append = cluster.append(broken, "poison");
        Cluster.until(() -> cluster.listing(broken).failure != null);
        Cluster.until(append::isCompletedExceptionally);
        int next = cluster.leaderAmong(cluster.others(broken));
        cluster.append(next, "after").join();
        assertThat(cluster.listing(next).entries()).containsExactly("poison", "after");
        assertThat(cluster.leads(broken)).isFalse();
    }

    private Throwable failure(int node) {
        try {
            cluster.append(node, "refused").join();
            return new AssertionError("did not fail");
        } catch (CompletionException e) {
            return e.getCause();
        }
    }

    private boolean staysWithoutLeader(List<Integer> nodes, Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            if (nodes.stream().anyMatch(cluster::leads)) {
                return false;
            }
            Thread.onSpinWait();
        }
        return true;
    }

    /** Appends until nobody's log has what a follower that is away needs next. */
    private void writeAndPurge(int away) throws IOException {
        List<Integer> present = cluster.others(away);
        for (int round = 0; round < 2; round++) {
            write(LARGE, 10);
            long committed = cluster.log(cluster.leaderAmong(present)).status().commitIndex();
            for (int node : present) {
                Cluster.until(() -> cluster.listing(node).applied().index() >= committed);
                cluster.snapshot(node);
            }
        }
        for (int node : present) {
            Cluster.until(() -> logBytes(node) < 15 << 20);
        }
        write("more ", 5);
    }

    private List<String> write(String text, int count) {
        int leader = cluster.leader();
        List<String> written = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            LogPosition at = cluster.append(leader, text + i).join();
            assertThat(at.index()).isPositive();
            written.add(text + i);
        }
        return written;
    }

    /** A file that is purged meanwhile counts as empty. */
    private long logBytes(int node) {
        File[] groups = Objects.requireNonNull(cluster.directory(node).toFile().listFiles(File::isDirectory));
        File[] log = Objects.requireNonNull(
                new File(groups[0], "current").listFiles((where, name) -> name.startsWith("log_")));
        return Stream.of(log).mapToLong(File::length).sum();
    }

    private List<Path> snapshots(int node) throws IOException {
        try (Stream<Path> files = Files.walk(cluster.directory(node))) {
            return files.filter(file -> file.getFileName().toString().matches("snapshot\\.\\d+_\\d+"))
                    .sorted(Comparator.comparingLong(
                            file -> Long.parseLong(file.getFileName().toString().replaceAll(".*_", ""))))
                    .toList();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                Files.createDirectories(target.getParent());
                if (Files.isRegularFile(file)) {
                    Files.copy(file, target);
                }
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
