package io.tunabledb.engine.shard.fresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.clock.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ReadGateTest {

    @Test
    void noQueryRunsWhileTheSchemaChanges() throws Exception {
        ReadGate gate = new ReadGate();
        AtomicBoolean changing = new AtomicBoolean();
        AtomicInteger violations = new AtomicInteger();
        AtomicBoolean done = new AtomicBoolean();
        List<CompletableFuture<Void>> readers = new ArrayList<>();
        for (int thread = 0; thread < 3; thread++) {
            readers.add(CompletableFuture.runAsync(() -> read(gate, changing, violations, done)));
        }
        for (int change = 0; change < 2_000; change++) {
            gate.close();
            assertThat(gate.awaitEmpty(Deadline.in(Duration.ofSeconds(10)))).isTrue();
            changing.set(true);
            Thread.onSpinWait();
            changing.set(false);
            gate.open();
        }
        done.set(true);
        for (CompletableFuture<Void> reader : readers) {
            reader.get(10, TimeUnit.SECONDS);
        }
        assertThat(violations).hasValue(0);
        assertThat(gate.load()).isZero();
    }

    private static void read(ReadGate gate, AtomicBoolean changing, AtomicInteger violations, AtomicBoolean done) {
        int stripe = ReadGate.stripe();
        while (!done.get()) {
            try {
                assertThat(gate.enter(stripe, Deadline.in(Duration.ofSeconds(10))))
                        .isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            if (changing.get()) {
                violations.incrementAndGet();
            }
            gate.exit(stripe);
        }
    }

    @Test
    void aClosedGateRefusesAtTheDeadlineAndAFullOneSaysSo() throws InterruptedException {
        ReadGate gate = new ReadGate();
        int stripe = ReadGate.stripe();
        assertThat(gate.enter(stripe, Deadline.in(Duration.ZERO))).isTrue();
        gate.close();
        assertThat(gate.awaitEmpty(Deadline.in(Duration.ofMillis(5)))).isFalse();
        assertThat(gate.enter(stripe, Deadline.in(Duration.ofMillis(5)))).isFalse();
        gate.exit(stripe);
        assertThat(gate.awaitEmpty(Deadline.in(Duration.ofMillis(5)))).isTrue();
        gate.open();
        assertThat(gate.enter(stripe, Deadline.in(Duration.ZERO))).isTrue();
    }
}
