package io.tunabledb.engine.shard.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.h2.catalog.SystemSchema;
import io.tunabledb.engine.h2.sharding.ShardOf;
import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.ReplicaStateMachine.SnapshotFile;
import io.tunabledb.engine.shard.life.CurrentStorage;
import io.tunabledb.engine.shard.life.Lifecycle;
import io.tunabledb.engine.shard.life.ReplicaId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotScheduleTest {
    private static final int EVERY_BYTES = 100;

    @TempDir
    Path directory;

    /** What it was given is run when the test says so. */
    private final Deque<Runnable> later = new ArrayDeque<>();

    private final CurrentStorage storage = new CurrentStorage(new ReplicaId(1, 0));
    private final SnapshotSchedule schedule = new SnapshotSchedule(
            storage,
            new Lifecycle(storage),
            new SnapshotKeeper(
                    "n1/shard0", false, new SnapshotKeeper.Content("SCHEDULE", SystemSchema.EMPTY, ShardOf.ONLY)),
            EVERY_BYTES,
            later::add);

    @BeforeEach
    void start() throws IOException {
        storage.replace(schedule.restore(directory).storage());
    }

    @AfterEach
    void close() {
        storage.get().close();
    }

    private void applied(long index, int bytes) {
        storage.get().advance(1, index);
        schedule.advanced(new LogPosition(1, index));
        schedule.applied(bytes);
    }

    private long newest() {
        SnapshotFile latest = schedule.latest();
        return latest == null ? 0 : latest.at().index();
    }

    @Test
    void oneIsWrittenEachTimeTheLogHasGrownBySoMuch() {
        applied(1, EVERY_BYTES);
        assertThat(later).as("not more than that yet").isEmpty();
        applied(2, 1);
        assertThat(later).hasSize(1);
        later.remove().run();
        assertThat(newest()).isEqualTo(2);
        applied(3, EVERY_BYTES);
        assertThat(later).as("counted from the last one").isEmpty();
        applied(4, 1);
        later.remove().run();
        assertThat(newest()).isEqualTo(4);
        assertThat(schedule.error()).isNull();
    }

    @Test
    void oneIsWrittenAtATimeAndHoldsWhatWasAppliedWhenItBegan() {
        applied(1, EVERY_BYTES + 1);
        applied(2, EVERY_BYTES + 1);
        assertThat(later).as("the first is not written yet").hasSize(1);
        later.remove().run();
        assertThat(newest()).isEqualTo(1);
        applied(3, 1);
        assertThat(later).as("what came meanwhile counts").hasSize(1);
        later.remove().run();
        assertThat(newest()).isEqualTo(3);
    }

    @Test
    void entriesOfTheLogsOwnMoveItsPlaceOnly() {
        applied(1, EVERY_BYTES);
        storage.get().advance(2, 2);
        schedule.advanced(new LogPosition(2, 2));
        assertThat(later).isEmpty();
        applied(3, 1);
        later.remove().run();
        assertThat(newest()).isEqualTo(3);
    }

    @Test
    void theLastOneIsWrittenWhereEverythingIsApplied() {
        applied(1, 1);
        schedule.writeLast(storage.get());
        assertThat(newest()).isEqualTo(1);
        assertThat(later).isEmpty();
    }

    @Test
    void oneThatFailsIsSaidAndDoesNotEndTheSchedule() {
        storage.get().close();
        applied(1, EVERY_BYTES + 1);
        assertThat(later).as("there is nothing to pin").isEmpty();
        assertThat(schedule.error()).startsWith("snapshot at index 1: ");
        applied(2, EVERY_BYTES + 1);
        assertThat(schedule.error()).as("tried again").startsWith("snapshot at index 2: ");
        assertThat(newest()).isZero();
    }
}
