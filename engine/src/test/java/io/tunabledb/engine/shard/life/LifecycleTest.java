package io.tunabledb.engine.shard.life;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.h2.Storage;
import io.tunabledb.engine.log.LogFailedException;
import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.LogStatus;
import io.tunabledb.engine.log.ShardLog;
import io.tunabledb.engine.log.Shortage;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LifecycleTest {
    private final CurrentStorage storage = new CurrentStorage(new ReplicaId(2, 1));
    private final Lifecycle life = new Lifecycle(storage);
    private final Log log = new Log();

    @AfterEach
    void close() {
        Storage tables = storage.orNull();
        if (tables != null) {
            tables.close();
        }
    }

    @Test
    void withoutALogItDoesNotRun() {
        assertThat(life.isAlive()).isFalse();
        assertThat(life.isServing()).isFalse();
        assertThat(life.status().leader()).isZero();
        assertThat(life.askLeader()).isNull();
        assertThatThrownBy(life::log).hasMessage("replica not started");
        life.snapshotCompleted();
    }

    @Test
    void withALogItRunsAndAsksWhoLeads() {
        life.attach(log);
        assertThat(life.isAlive()).isTrue();
        assertThat(life.isServing()).isTrue();
        assertThat(life.askLeader()).as("nobody leads").isNull();
        log.leader = 3;
        assertThat(life.askLeader()).isNotNull();
        life.snapshotCompleted();
        assertThat(log.completed).isEqualTo(1);
    }

    @Test
    void whatFailedIsReadOnlyIfItsLogAloneHasEnded() {
        life.attach(log);
        log.leader = 3;
        life.failed(new LogFailedException("its log can't be written", new IOException("disk")));
        assertThat(life.isAlive()).isFalse();
        assertThat(life.isServing()).isTrue();
        assertThat(life.status().leader()).as("it knows nothing any more").isZero();
        life.snapshotCompleted();
        assertThat(log.completed).isZero();
        assertThat(life.close()).isTrue();
        assertThat(life.isServing()).isFalse();
        Lifecycle other = new Lifecycle(storage);
        other.attach(log);
        other.failed(new IllegalStateException("broken"));
        assertThat(other.isServing()).isFalse();
        assertThat(other.failure()).hasMessage("broken");
    }

    @Test
    void itIsClosedOnce() {
        life.attach(log);
        assertThat(life.close()).isTrue();
        assertThat(life.close()).isFalse();
        assertThat(life.isClosed()).isTrue();
        assertThat(life.isStopped()).isTrue();
        assertThat(life.failure()).isNull();
    }

    @Test
    void itDiesWithItsStorageButNotWithOneThatWasReplaced() {
        life.attach(log);
        Storage first = Storage.create("first");
        assertThat(storage.replace(first)).isNull();
        Storage second = Storage.create("second");
        assertThat(storage.replace(second)).isSameAs(first);
        first.close();
        assertThat(life.isAlive()).isTrue();
        second.close();
        assertThat(storage.isShut()).isTrue();
        assertThat(life.isAlive()).isFalse();
    }

    @Test
    void aLogThatCanNotBeWrittenIsEndedAndToldWhy() {
        life.attach(log);
        assertThat(life.diskShortage()).isNull();
        assertThat(log.looks).isEqualTo(1);
        life.endLog(new IOException("no space"));
        assertThat(log.failed).isInstanceOf(LogFailedException.class).hasMessage("its log can't be written: no space");
    }

    /** Counts what it is asked. */
    private static final class Log implements ShardLog {
        private int leader;
        private int completed;
        private int looks;
        private @Nullable Throwable failed;

        @Override
        public CompletableFuture<LogPosition> append(byte[] entry, Object held) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<Long> readIndex() {
            return CompletableFuture.completedFuture(1L);
        }

        @Override
        public LogStatus status() {
            return new LogStatus(false, false, leader, 1, 0, 0);
        }

        @Override
        public void look() {
            looks++;
        }

        @Override
        public @Nullable Shortage shortage() {
            return null;
        }

        @Override
        public void handOver(int node) {}

        @Override
        public void snapshotCompleted() {
            completed++;
        }

        @Override
        public void fail(Throwable cause) {
            failed = cause;
        }

        @Override
        public void close() {}
    }
}
