package io.tunabledb.engine.heap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Garbage is told from what stays, at the price of few collections. */
class HeapTest {
    private final FakeGauge gauge = new FakeGauge();
    private long millis;
    private final Heap heap = new Heap(gauge, () -> TimeUnit.MILLISECONDS.toNanos(millis));

    private boolean isOver() {
        millis += 10;
        return heap.isOver(0.8, 0);
    }

    @Test
    void belowNobodyCollects() {
        gauge.live = 799;
        assertThat(isOver()).isFalse();
        assertThat(gauge.collections.get()).isZero();
    }

    @Test
    void garbageDoesNotCount() {
        gauge.live = 300;
        gauge.garbage = 550;
        assertThat(isOver()).isFalse();
        assertThat(gauge.collections.get()).isEqualTo(1);
    }

    @Test
    void whatStaysCounts() {
        gauge.live = 810;
        assertThat(isOver()).isTrue();
    }

    @Test
    void whileItStaysFullACollectionIsMadeOnceASecond() {
        gauge.live = 810;
        for (int i = 0; i < 100; i++) {
            assertThat(isOver()).isTrue();
        }
        assertThat(gauge.collections.get()).isEqualTo(1);
        gauge.live = 500;
        gauge.garbage = 310;
        millis += 1000;
        assertThat(isOver()).isFalse();
        assertThat(gauge.collections.get()).isEqualTo(2);
    }

    @Test
    void itIsNotCollectedForEveryLittleThingThatCame() {
        gauge.live = 795;
        gauge.garbage = 10;
        gauge.kept = 795;
        assertThat(isOver()).isFalse();
        gauge.live = 800;
        gauge.garbage = 30;
        assertThat(isOver()).isTrue();
        assertThat(gauge.collections.get()).isEqualTo(1);
    }

    @Test
    void aJvmThatDoesNotLetItselfBeToldIsTakenAtItsWord() {
        gauge.obeys = false;
        gauge.live = 300;
        gauge.garbage = 550;
        assertThat(isOver()).isTrue();
    }

    @Test
    void theWatermarkSaysTheNumbers() {
        gauge.live = 810;
        assertThatThrownBy(() -> new Watermark(0.8, heap).require())
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("memoryWatermark=0.8")
                .hasMessageContaining("-Xmx")
                .extracting("SQLState")
                .isEqualTo("TC006");
    }

    @Test
    void aTransactionIsAskedAboutForAllThatItBrings() {
        gauge.live = 300;
        Watermark watermark = new Watermark(0.8, heap);
        long growth = Watermark.SMALL_BYTES + 1;
        assertThatCode(() -> watermark.requireRoomFor("transaction", 1, 100, 3)).doesNotThrowAnyException();
        assertThatThrownBy(() -> watermark.requireRoomFor("transaction", 1, growth, 3))
                .hasMessageStartingWith("the transaction was rolled back");
    }
}
