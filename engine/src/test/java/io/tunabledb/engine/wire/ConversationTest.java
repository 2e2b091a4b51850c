package io.tunabledb.engine.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Many questions in order, of which both ends know whether the other is there. */
class ConversationTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(CompletableFuture<byte[]> answer) throws Exception {
        return new String(answer.get(90, TimeUnit.SECONDS), StandardCharsets.UTF_8);
    }

    private static Throwable failure(CompletableFuture<byte[]> answer) throws Exception {
        try {
            answer.get(90, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            return e.getCause();
        }
        throw new AssertionError("it was answered");
    }

    /** Notes what it hears; "wait" waits until it is cancelled or let go, "fail" fails. */
    private static final class Noting implements Answers {
        final List<String> heard = new CopyOnWriteArrayList<>();
        final List<String> ended = new CopyOnWriteArrayList<>();
        final CountDownLatch letGo = new CountDownLatch(1);

        @Override
        public CompletableFuture<byte[]> answer(byte[] question) {
            return CompletableFuture.completedFuture(question);
        }

        @Override
        public Partner open(byte[] opening) {
            String name = new String(opening, StandardCharsets.UTF_8);
            heard.add("open " + name);
            if (name.equals("no")) {
                throw new IllegalStateException("not to be opened");
            }
            return new Partner() {
                @Override
                public byte[] answer(byte[] question, Cancel cancel) throws Exception {
                    String asked = new String(question, StandardCharsets.UTF_8);
                    heard.add(asked);
                    if (asked.equals("fail")) {
                        throw new IllegalStateException("a broken invariant");
                    }
                    if (asked.equals("long")) {
                        return new byte[(1 << 21) + 1];
                    }
                    if (asked.equals("wait")) {
                        CountDownLatch stopped = new CountDownLatch(1);
                        cancel.stopBy(stopped::countDown);
                        while (letGo.getCount() > 0 && !stopped.await(5, TimeUnit.MILLISECONDS)) {
                            // until either
                        }
                        return bytes(cancel.isAsked() ? "cancelled" : "done");
                    }
                    return bytes(name + " " + asked);
                }

                @Override
                public void ended(@Nullable IOException broken) {
                    ended.add(broken == null ? name + " closed" : name + " broken");
                }
            };
        }
    }

    @Test
    void isAnsweredInOrderAndClosed() throws Exception {
        Noting noting = new Noting();
        try (Wires wires = new Wires(noting)) {
            Conversation talk = wires.direct().open(bytes("a"));
            List<CompletableFuture<byte[]>> answers = new ArrayList<>();
            for (int i = 0; i < Limits.WINDOW; i++) {
                answers.add(talk.ask(bytes("q" + i)));
            }
            for (int i = 0; i < answers.size(); i++) {
                assertThat(text(answers.get(i))).isEqualTo("a q" + i);
            }
            talk.close();
            await().atMost(LONG).until(() -> noting.ended.equals(List.of("a closed")));
            assertThat(talk.broken()).isNotDone();
            assertThatThrownBy(() -> talk.ask(bytes("late"))).isInstanceOfAny(IllegalStateException.class);
        }
        assertThat(noting.ended).containsExactly("a closed");
    }

    /** Who asks as soon as it may is never told that it has asked too many. */
    @Test
    void aFullWindowIsKeptFull() throws Exception {
        Noting noting = new Noting();
        try (Wires wires = new Wires(noting)) {
            Conversation talk = wires.direct().open(bytes("a"));
            List<CompletableFuture<byte[]>> answers = new ArrayList<>();
            for (int i = 0; i < 2_000; i++) {
                if (i >= Limits.WINDOW) {
                    answers.get(i - Limits.WINDOW).get(90, TimeUnit.SECONDS);
                }
                answers.add(talk.ask(bytes("q" + i)));
            }
            assertThat(text(answers.get(1_999))).isEqualTo("a q1999");
        }
    }

    @Test
    void asksNoMoreThanTheWindow() throws Exception {
        Noting noting = new Noting();
        try (Wires wires = new Wires(noting)) {
            Conversation talk = wires.direct().open(bytes("a"));
            List<CompletableFuture<byte[]>> answers = new ArrayList<>();
            for (int i = 0; i < Limits.WINDOW; i++) {
                answers.add(talk.ask(bytes("wait")));
            }
            assertThatThrownBy(() -> talk.ask(bytes("one more")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("8 questions to n2 at localhost:");
            noting.letGo.countDown();
            for (CompletableFuture<byte[]> answer : answers) {
                assertThat(text(answer)).isEqualTo("done");
            }
        }
    }

    @Test
    void aCancelReachesWhatIsBeingAnsweredAndOnlyThat() throws Exception {
        Noting noting = new Noting();
        try (Wires wires = new Wires(noting)) {
            Conversation talk = wires.direct().open(bytes("a"));
            // at once, so that it may come before its question is begun, too
            CompletableFuture<byte[]> first = talk.ask(bytes("wait"));
            talk.cancel();
            assertThat(text(first)).isEqualTo("cancelled");
            assertThat(text(talk.ask(bytes("next")))).isEqualTo("a next");
            talk.cancel();
            CompletableFuture<byte[]> second = talk.ask(bytes("wait"));
            await().atMost(LONG)
                    .until(() -> noting.heard.stream().filter("wait"::equals).count() == 2);
            assertThat(second).isNotDone();
            talk.cancel();
            assertThat(text(second)).isEqualTo("cancelled");
        }
    }

    @Test
    void aBreakIsHeardAtBothEndsOnce() throws Exception {
        Noting noting = new Noting();
        try (Wires wires = new Wires(noting)) {
            Link link = wires.proxied();
            Conversation idle = link.open(bytes("idle"));
            assertThat(text(idle.ask(bytes("q")))).isEqualTo("idle q");
            Conversation busy = link.open(bytes("busy"));
            CompletableFuture<byte[]> waiting = busy.ask(bytes("wait"));
            CompletableFuture<byte[]> behind = busy.ask(bytes("behind"));
            await().atMost(LONG).until(() -> noting.heard.contains("wait"));
            wires.there.open(false);
            wires.back.open(false);
            assertThat(failure(waiting)).isInstanceOf(IOException.class);
            assertThat(failure(behind)).isInstanceOf(IOException.class);
            assertThat(idle.broken().get(90, TimeUnit.SECONDS)).hasMessageContaining("n2 at localhost:");
            assertThat(busy.broken().get(90, TimeUnit.SECONDS)).isNotNull();
            await().atMost(LONG).until(() -> noting.ended.size() == 2);
            assertThat(noting.ended).containsExactlyInAnyOrder("idle broken", "busy broken");
            // what was behind it when it broke is not carried out
            assertThat(noting.heard).doesNotContain("behind");
            assertThat(failure(busy.ask(bytes("later")))).isInstanceOf(IOException.class);
        }
        assertThat(noting.ended).hasSize(2);
    }

    @Test
    void aNodeThatClosesBreaksThem() throws Exception {
        Noting noting = new Noting();
        try (Wires wires = new Wires(noting)) {
            Conversation talk = wires.direct().open(bytes("a"));
            assertThat(text(talk.ask(bytes("q")))).isEqualTo("a q");
            wires.server.close();
            assertThat(talk.broken().get(90, TimeUnit.SECONDS)).isNotNull();
            await().atMost(LONG).until(() -> noting.ended.equals(List.of("a broken")));
        }
    }

    @Test
    void whoeverAsksAndIsGoneBreaksThem() throws Exception {
        Noting noting = new Noting();
        try (Wires wires = new Wires(noting)) {
            Link link = wires.direct();
            Conversation talk = link.open(bytes("a"));
            CompletableFuture<byte[]> waiting = talk.ask(bytes("wait"));
            await().atMost(LONG).until(() -> noting.heard.contains("wait"));
            link.close();
            assertThat(failure(waiting)).isInstanceOf(IOException.class);
            // the answer was cancelled, or it would not have ended
            await().atMost(LONG).until(() -> noting.ended.equals(List.of("a broken")));
        }
    }

    @Test
    void whatFailsEndsItWithItsReason() throws Exception {
        Noting noting = new Noting();
        try (Wires wires = new Wires(noting)) {
            Link link = wires.direct();
            Conversation talk = link.open(bytes("a"));
            assertThat(failure(talk.ask(bytes("fail"))))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("n2 could not answer")
                    .hasMessageContaining("a broken invariant");
            assertThat(failure(link.open(bytes("b")).ask(bytes("long")))).hasMessageContaining("2097153 bytes");
            assertThat(failure(link.open(bytes("no")).ask(bytes("q")))).hasMessageContaining("not to be opened");
            await().atMost(LONG).until(() -> noting.ended.size() == 2);
            assertThat(noting.ended).containsExactlyInAnyOrder("a broken", "b broken");
        }
    }

    @Test
    void aQuestionThatIsTooLongIsRefusedAndTheConversationGoesOn() throws Exception {
        Noting noting = new Noting();
        try (Wires wires = new Wires(noting)) {
            Conversation talk = wires.direct().open(bytes("a"));
            assertThat(failure(talk.ask(new byte[(1 << 21) + 1]))).hasMessageContaining("a message of 2097153 bytes");
            assertThat(text(talk.ask(bytes("x".repeat(1_000_000))))).hasSize(1_000_002);
            assertThat(text(talk.ask(bytes("q")))).isEqualTo("a q");
        }
    }

    /** Random lives of conversations: whatever comes, each that was opened is told once that it is over. */
    @Test
    void eachIsToldOnceThatItHasEnded() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Noting noting = new Noting();
        noting.letGo.countDown();
        int opened = 0;
        try (Wires wires = new Wires(noting)) {
            for (int round = 0; round < 10; round++) {
                Link link = wires.proxied();
                List<Conversation> talks = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    Conversation talk = link.open(bytes("t" + opened++));
                    talks.add(talk);
                    for (int q = random.nextInt(4); q > 0; q--) {
                        var unused = talk.ask(bytes(random.nextInt(8) == 0 ? "fail" : "wait"));
                    }
                    if (random.nextInt(3) == 0) {
                        talk.close();
                    }
                }
                if (random.nextBoolean()) {
                    wires.proxy.reset();
                } else {
                    link.close();
                }
                talks.forEach(Conversation::close);
            }
            await().alias("seed " + seed)
                    .atMost(LONG)
                    .until(() -> noting.ended.size()
                            == noting.heard.stream()
                                    .filter(text -> text.startsWith("open"))
                                    .count());
            // room for as many as before
            try (Link link = wires.direct()) {
                for (int i = 0; i < wires.limits.maxConversations(); i++) {
                    await().pollInterval(Duration.ofMillis(2)).atMost(LONG).until(() -> {
                        CompletableFuture<byte[]> answer =
                                link.open(bytes("last")).ask(bytes("q"));
                        return answer.handle((given, failure) -> failure == null)
                                .get(90, TimeUnit.SECONDS);
                    });
                }
            }
        }
    }
}
