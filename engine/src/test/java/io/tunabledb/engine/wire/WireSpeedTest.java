package io.tunabledb.engine.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.wire.Wires.Echo;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/** What the wire costs over loopback; it reports its figures. */
@Tag("campaign")
class WireSpeedTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int ROUNDS = 20_000;

    /** Echoes, talks, and gives pages of 256 kB. */
    private static final class Everything extends Echo {
        @Override
        public Partner open(byte[] opening) {
            if (opening.length == 0) {
                return new Partner() {
                    @Override
                    public byte[] answer(byte[] question, Cancel cancel) {
                        return question;
                    }

                    @Override
                    public void ended(@Nullable IOException broken) {
                        // nothing was held
                    }
                };
            }
            AtomicInteger left = new AtomicInteger(4_000);
            return new Pages(new PageSource() {
                @Override
                public byte @Nullable [] next(Cancel cancel) {
                    return left.getAndDecrement() > 0 ? new byte[256 << 10] : null;
                }

                @Override
                public void close() {
                    // nothing was held
                }
            });
        }
    }

    @FunctionalInterface
    private interface Round {
        byte[] ask(byte[] question) throws Exception;
    }

    private static void measure(TestReporter report, String what, Round round) throws Exception {
        long[] nanos = new long[ROUNDS];
        for (int warm = 0; warm < 2; warm++) {
            for (int i = 0; i < ROUNDS; i++) {
                long began = System.nanoTime();
                assertThat(round.ask(new byte[100]).length).isEqualTo(100);
                nanos[i] = System.nanoTime() - began;
            }
        }
        Arrays.sort(nanos);
        report.publishEntry(
                what, "p50 " + nanos[ROUNDS / 2] / 1_000 + " µs, p99 " + nanos[ROUNDS * 99 / 100] / 1_000 + " µs");
    }

    @Test
    void roundTripsAndPages(TestReporter report) throws Exception {
        try (Wires wires = new Wires(new Everything())) {
            Link link = wires.direct();
            measure(report, "one question", question -> link.ask(question, LONG).get(60, TimeUnit.SECONDS));
            try (Conversation talk = link.open(new byte[0])) {
                measure(
                        report,
                        "a conversation's",
                        question -> talk.ask(question).get(60, TimeUnit.SECONDS));
            }
            for (int warm = 0; warm < 2; warm++) {
                long began = System.nanoTime();
                long bytes = 0;
                try (PageReader reader = new PageReader(link.open(new byte[1]), 4)) {
                    for (byte[] page = reader.next(Deadline.in(LONG));
                            page != null;
                            page = reader.next(Deadline.in(LONG))) {
                        bytes += page.length;
                    }
                }
                assertThat(bytes).isEqualTo(4_000L * (256 << 10));
                report.publishEntry("pages", bytes / 1_000 * 1_000_000 / (System.nanoTime() - began) + " MB/s");
            }
        }
    }
}
