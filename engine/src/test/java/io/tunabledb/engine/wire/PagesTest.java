package io.tunabledb.engine.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tunabledb.engine.clock.Deadline;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Pages come when they are wanted, and no others are made. */
class PagesTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int PAGE_BYTES = 256 << 10;

    /** Gives so many pages, each full of its number. */
    private static final class Counted implements Answers {
        final int pages;
        final AtomicInteger made = new AtomicInteger();
        final AtomicInteger closed = new AtomicInteger();
        volatile int failAt = -1;

        Counted(int pages) {
            this.pages = pages;
        }

        @Override
        public CompletableFuture<byte[]> answer(byte[] question) {
            return CompletableFuture.completedFuture(question);
        }

        @Override
        public Partner open(byte[] opening) {
            return new Pages(new PageSource() {
                private int next;

                @Override
                public byte @Nullable [] next(Cancel cancel) {
                    if (next == failAt) {
                        throw new IllegalStateException("page " + next + " can't be read");
                    }
                    if (next == pages) {
                        return null;
                    }
                    made.incrementAndGet();
                    byte[] page = new byte[PAGE_BYTES];
                    Arrays.fill(page, (byte) next++);
                    return page;
                }

                @Override
                public void close() {
                    closed.incrementAndGet();
                }
            });
        }
    }

    private static PageReader read(Link link, int ahead) throws Exception {
        return new PageReader(link.open(new byte[0]), ahead);
    }

    @Test
    void allComeInOrder() throws Exception {
        Counted counted = new Counted(300);
        try (Wires wires = new Wires(counted);
                PageReader reader = read(wires.direct(), 4)) {
            for (int i = 0; i < 300; i++) {
                byte[] page = reader.next(Deadline.in(LONG));
                assertThat(page).hasSize(PAGE_BYTES);
                assertThat(page[0]).isEqualTo((byte) i);
                assertThat(page[PAGE_BYTES - 1]).isEqualTo((byte) i);
            }
            assertThat(reader.next(Deadline.in(LONG))).isNull();
            assertThat(reader.next(Deadline.in(LONG))).isNull();
            await().atMost(LONG).until(() -> counted.closed.get() == 1);
        }
        assertThat(counted.closed).hasValue(1);
    }

    @Test
    void aReaderThatStopsHasNoMoreMadeAndHoldsUpNobody() throws Exception {
        Counted counted = new Counted(10_000);
        try (Wires wires = new Wires(counted)) {
            Link link = wires.proxied();
            PageReader slow = read(link, 4);
            for (int i = 0; i < 10; i++) {
                assertThat(slow.next(Deadline.in(LONG))).isNotNull();
            }
            // ten taken, four ahead
            await().atMost(LONG).until(() -> counted.made.get() == 14);
            // others on the same connection have theirs, many times what any window of the network holds
            try (PageReader quick = read(link, 4)) {
                for (int i = 0; i < 200; i++) {
                    assertThat(quick.next(Deadline.in(LONG))).isNotNull();
                }
            }
            for (int i = 0; i < 100; i++) {
                assertThat(link.ask(new byte[1_000], LONG).get()).hasSize(1_000);
            }
            await().atMost(LONG).until(() -> counted.closed.get() == 1);
            assertThat(counted.made.get()).isBetween(214, 214 + 4);
            slow.close();
            await().atMost(LONG).until(() -> counted.closed.get() == 2);
        }
    }

    @Test
    void twentyReadersThatStopHoldUpNobodyEither() throws Exception {
        Counted counted = new Counted(10_000);
        try (Wires wires = new Wires(counted)) {
            Link link = wires.direct();
            for (int i = 0; i < 20; i++) {
                assertThat(read(link, Limits.WINDOW).next(Deadline.in(LONG))).isNotNull();
            }
            await().atMost(LONG).until(() -> counted.made.get() == 20 * (1 + Limits.WINDOW));
            assertThat(link.ask(new byte[1_000_000], LONG).get()).hasSize(1_000_000);
        }
    }

    @Test
    void aBreakIsAFailureAndNotAnEnd() throws Exception {
        Counted counted = new Counted(10_000);
        try (Wires wires = new Wires(counted)) {
            PageReader reader = read(wires.proxied(), 2);
            assertThat(reader.next(Deadline.in(LONG))).isNotNull();
            wires.proxy.reset();
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 3; i++) {
                            assertThat(reader.next(Deadline.in(LONG))).isNotNull();
                        }
                    })
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("n2 at localhost:");
            await().atMost(LONG).until(() -> counted.closed.get() == 1);
        }
    }

    @Test
    void aPageThatCantBeMadeIsAFailureAndNotAnEnd() throws Exception {
        Counted counted = new Counted(100);
        counted.failAt = 3;
        try (Wires wires = new Wires(counted)) {
            PageReader reader = read(wires.direct(), 4);
            for (int i = 0; i < 3; i++) {
                assertThat(reader.next(Deadline.in(LONG))).isNotNull();
            }
            assertThatThrownBy(() -> reader.next(Deadline.in(LONG)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("page 3 can't be read");
            await().atMost(LONG).until(() -> counted.closed.get() == 1);
        }
    }

    @Test
    void aPageThatDoesNotComeIsAFailureInTime() throws Exception {
        Counted counted = new Counted(100);
        try (Wires wires = new Wires(counted)) {
            PageReader reader = read(wires.proxied(), 1);
            assertThat(reader.next(Deadline.in(LONG))).isNotNull();
            wires.back.open(false);
            assertThatThrownBy(() -> {
                        reader.next(Deadline.in(Duration.ofMillis(300)));
                        reader.next(Deadline.in(Duration.ofMillis(300)));
                    })
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no page has come in time");
        }
    }
}
