package io.tunabledb.engine.heap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Who has taken the most is ended, when the heap is nearly full, and nobody else. */
class AppetiteTest {
    private final FakeGauge gauge = new FakeGauge();
    private final Appetite.Sharers sharers =
            new Appetite.Sharers(new Heap(gauge, System::nanoTime), AppetiteTest::allocated, 30_000_000_000L);
    private static final ThreadLocal<Long> ALLOCATED = ThreadLocal.withInitial(() -> 0L);

    private static long allocated() {
        return ALLOCATED.get();
    }

    /** A statement that has allocated so much looks at itself. */
    private static void take(Appetite appetite, long bytes) {
        appetite.look();
        ALLOCATED.set(ALLOCATED.get() + bytes);
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(5);
        while (System.nanoTime() < until) {
            LockSupport.parkNanos(until - System.nanoTime()); // it looks no more often than once a millisecond
        }
        appetite.look();
    }

    @Test
    void aFullHeapEndsWhoTookMuch() {
        Appetite appetite = new Appetite(sharers);
        appetite.begin();
        gauge.live = 990;
        assertThatThrownBy(() -> take(appetite, 500)).isInstanceOf(HeapEndedError.class);
        appetite.end();
    }

    @Test
    void whoTookLittleOrRunsNoStatementGoesOn() {
        Appetite appetite = new Appetite(sharers);
        gauge.live = 990;
        assertThatCode(() -> take(appetite, 500)).doesNotThrowAnyException();
        appetite.begin();
        assertThatCode(() -> take(appetite, 1)).doesNotThrowAnyException();
        appetite.end();
    }

    @Test
    void garbageEndsNobody() {
        Appetite appetite = new Appetite(sharers);
        appetite.begin();
        gauge.garbage = 990;
        assertThatCode(() -> take(appetite, 900)).doesNotThrowAnyException();
        appetite.end();
    }

    @Test
    void theHungriestIsEndedAndTheOthersGoOn() throws Exception {
        CompletableFuture<Appetite> hungry = new CompletableFuture<>();
        CompletableFuture<Boolean> ended = CompletableFuture.supplyAsync(() -> {
            Appetite appetite = new Appetite(sharers);
            appetite.begin();
            take(appetite, 800);
            hungry.complete(appetite);
            try {
                while (true) {
                    LockSupport.parkNanos(100_000);
                    appetite.look();
                }
            } catch (HeapEndedError e) {
                gauge.live = 100;
                return true;
            } finally {
                appetite.end();
            }
        });
        hungry.get(20, TimeUnit.SECONDS);
        Appetite modest = new Appetite(sharers);
        modest.begin();
        gauge.live = 990;
        // the hungry one may see it by itself first
        assertThatCode(() -> take(modest, 100)).doesNotThrowAnyException();
        modest.end();
        assertThat(ended.get(20, TimeUnit.SECONDS)).isTrue();
    }
}
