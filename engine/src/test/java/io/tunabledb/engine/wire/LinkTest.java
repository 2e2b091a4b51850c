package io.tunabledb.engine.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tunabledb.engine.wire.Wires.Echo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** One question and its answer, over networks that do what networks do, and from those who should not ask. */
class LinkTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] get(CompletableFuture<byte[]> answer) throws Exception {
        return answer.get(90, TimeUnit.SECONDS);
    }

    private static Throwable failure(CompletableFuture<byte[]> answer) throws Exception {
        try {
            answer.get(90, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            return e.getCause();
        }
        throw new AssertionError("it was answered");
    }

    @Test
    void whatIsAskedIsAnsweredByteForByte() throws Exception {
        try (Wires wires = new Wires(new Echo())) {
            Link link = wires.direct();
            long seed = System.nanoTime();
            Random random = new Random(seed);
            for (int size : new int[] {0, 1, 100, 16_384, 65_537, 1_000_000, 1 << 21}) {
                byte[] question = new byte[size];
                random.nextBytes(question);
                assertThat(get(link.ask(question, LONG)))
                        .as("seed %d, %d bytes", seed, size)
                        .isEqualTo(question);
            }
        }
    }

    @Test
    void manyAtATimeAreAllAnswered() throws Exception {
        try (Wires wires = new Wires(new Echo(), Limits.of(1 << 20))) {
            Link link = wires.direct();
            List<CompletableFuture<byte[]>> answers = new ArrayList<>();
            for (int i = 0; i < 2_000; i++) {
                answers.add(link.ask(bytes("question " + i), LONG));
            }
            for (int i = 0; i < answers.size(); i++) {
                assertThat(get(answers.get(i))).isEqualTo(bytes("question " + i));
            }
        }
    }

    @Test
    void aQuestionThatIsTooLongIsRefusedBeforeItIsSent() throws Exception {
        try (Wires wires = new Wires(new Echo())) {
            Throwable refusal = failure(wires.proxied().ask(new byte[(1 << 21) + 1], LONG));
            assertThat(refusal)
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("a message of 2097153 bytes to n2 at localhost:")
                    .hasMessageContaining("over the bound of 2097152 bytes");
            assertThat(((SQLException) refusal).getSQLState()).isEqualTo("TC006");
            assertThat(wires.proxy.accepted()).isZero();
        }
    }

    @Test
    void anAnswerThatIsTooLongIsSaidToBe() throws Exception {
        class Lengthy extends Echo {
            @Override
            public CompletableFuture<byte[]> answer(byte[] question) {
                return CompletableFuture.completedFuture(new byte[(1 << 21) + 5]);
            }
        }
        try (Wires wires = new Wires(new Lengthy())) {
            assertThat(failure(wires.direct().ask(bytes("?"), LONG)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("the answer of n2 has 2097157 bytes and is over the bound of 2097152");
        }
    }

    @Test
    void whoeverSpeaksAnotherLanguageGetsOneSentence() throws Exception {
        try (Wires wires = new Wires(new Echo())) {
            assertThat(failure(wires.as(new Introduction("another", "database", 1, 2))
                            .ask(bytes("?"), LONG)))
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            "n2 speaks language language and was asked in language another: both nodes must run the same"
                                    + " version of TunableDB");
            assertThat(failure(wires.as(new Introduction("language", "other", 1, 2))
                            .ask(bytes("?"), LONG)))
                    .hasMessage("this is n2 of database database, and n2 of database other was asked: see to the nodes'"
                            + " addresses");
            assertThat(failure(wires.as(new Introduction("language", "database", 1, 3))
                            .ask(bytes("?"), LONG)))
                    .hasMessageContaining("this is n2 of database database, and n3 of database database was asked");
        }
    }

    @Test
    void whatFailsSaysSo() throws Exception {
        class Failing extends Echo {
            @Override
            public CompletableFuture<byte[]> answer(byte[] question) {
                throw new IllegalStateException("a broken invariant");
            }
        }
        try (Wires wires = new Wires(new Failing())) {
            assertThat(failure(wires.direct().ask(bytes("?"), LONG)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("n2 could not answer")
                    .hasMessageContaining("a broken invariant");
        }
    }

    /** Keeps what it was asked without an answer. */
    private static final class Silent extends Echo {
        final List<CompletableFuture<byte[]>> asked = new java.util.concurrent.CopyOnWriteArrayList<>();

        @Override
        public CompletableFuture<byte[]> answer(byte[] question) {
            CompletableFuture<byte[]> never = new CompletableFuture<>();
            asked.add(never);
            return never;
        }
    }

    @Test
    void whatIsNotAnsweredInTimeIsLostAndTheOtherEndHearsIt() throws Exception {
        Silent silent = new Silent();
        try (Wires wires = new Wires(silent)) {
            // the other end says when it was asked: on a busy machine that may be after a short time is up
            CompletableFuture<byte[]> answer = wires.direct().ask(bytes("?"), Duration.ofSeconds(3));
            assertThat(failure(answer))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("n2 at localhost:")
                    .hasMessageContaining("has not answered within 3000 ms");
            await().atMost(LONG).until(() -> silent.asked.stream().allMatch(CompletableFuture::isCancelled));
        }
    }

    @Test
    void whoeverWaitsNoLongerTellsTheOtherEnd() throws Exception {
        Silent silent = new Silent();
        try (Wires wires = new Wires(silent)) {
            CompletableFuture<byte[]> answer = wires.direct().ask(bytes("?"), LONG);
            await().atMost(LONG).until(() -> !silent.asked.isEmpty());
            answer.cancel(false);
            await().atMost(LONG).until(silent.asked.get(0)::isCancelled);
        }
    }

    @Test
    void moreThanIsAdmittedIsRefusedAndRoomIsGivenBack() throws Exception {
        Silent silent = new Silent();
        try (Wires wires = new Wires(silent, new Limits(1_000, 2, 2, LONG, LONG))) {
            Link link = wires.direct();
            List<CompletableFuture<byte[]>> both = List.of(link.ask(bytes("1"), LONG), link.ask(bytes("2"), LONG));
            await().atMost(LONG).until(() -> silent.asked.size() == 2);
            assertThat(failure(link.ask(bytes("3"), LONG)))
                    .hasMessage("n2 takes no more: 2 questions are being answered");
            both.forEach(answer -> answer.cancel(false));
            await().atMost(LONG).until(silent.asked.get(1)::isCancelled);
            await().atMost(LONG).until(silent.asked.get(0)::isCancelled);
            await().atMost(LONG).until(() -> {
                CompletableFuture<byte[]> again = link.ask(bytes("4"), LONG);
                await().atMost(LONG).until(() -> again.isDone() || silent.asked.size() == 3);
                return !again.isDone();
            });
        }
    }

    @Test
    void aCutFailsWhatIsUnderWayAndAllThatFollowsUntilItHeals() throws Exception {
        Silent silent = new Silent();
        try (Wires wires = new Wires(silent)) {
            Link link = wires.proxied();
            CompletableFuture<byte[]> underWay = link.ask(bytes("1"), LONG);
            await().atMost(LONG).until(() -> silent.asked.size() == 1);
            wires.there.open(false);
            wires.back.open(false);
            assertThat(failure(underWay)).isInstanceOf(IOException.class).hasMessageContaining("n2 at localhost:");
            await().atMost(LONG).until(silent.asked.get(0)::isCancelled);
            assertThat(failure(link.ask(bytes("2"), LONG))).isInstanceOf(IOException.class);
            wires.there.open(true);
            wires.back.open(true);
            // nothing but asking brings it back, and soon: no back-off of minutes
            await().atMost(LONG).until(() -> {
                var unused = link.ask(bytes("3"), Duration.ofSeconds(20));
                return silent.asked.size() > 1;
            });
        }
    }

    @Test
    void aQuestionThatArrivesWhenItsAnswerCantIsCarriedOutAndLost() throws Exception {
        List<byte[]> carriedOut = new java.util.concurrent.CopyOnWriteArrayList<>();
        class Noting extends Echo {
            @Override
            public CompletableFuture<byte[]> answer(byte[] question) {
                carriedOut.add(question);
                return super.answer(question);
            }
        }
        try (Wires wires = new Wires(new Noting())) {
            Link link = wires.proxied();
            get(link.ask(bytes("first"), LONG));
            wires.back.open(false);
            CompletableFuture<byte[]> answer = link.ask(bytes("second"), Duration.ofSeconds(3));
            assertThat(failure(answer)).isInstanceOf(IOException.class);
            await().atMost(LONG).untilAsserted(() -> assertThat(carriedOut).hasSize(2));
        }
    }

    @Test
    void aQuestionThatDoesNotArriveIsLostInTime() throws Exception {
        try (Wires wires = new Wires(new Echo())) {
            Link link = wires.proxied();
            get(link.ask(bytes("first"), LONG));
            wires.there.open(false);
            assertThat(failure(link.ask(bytes("second"), Duration.ofSeconds(1))))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("has not answered within 1000 ms");
            wires.there.open(true);
            assertThat(get(link.ask(bytes("third"), LONG))).isEqualTo(bytes("third"));
        }
    }

    @Test
    void aSlowNetworkIsOnlySlow() throws Exception {
        try (Wires wires = new Wires(new Echo())) {
            wires.there.delay(Duration.ofMillis(30));
            wires.back.delay(Duration.ofMillis(30));
            assertThat(get(wires.proxied().ask(new byte[500_000], LONG))).hasSize(500_000);
        }
    }

    @Test
    void aHalfThatIsClosedIsAConnectionThatIsLost() throws Exception {
        Silent silent = new Silent();
        try (Wires wires = new Wires(silent)) {
            CompletableFuture<byte[]> underWay = wires.proxied().ask(bytes("1"), LONG);
            await().atMost(LONG).until(() -> silent.asked.size() == 1);
            wires.proxy.closeHalf();
            assertThat(failure(underWay)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aNodeThatClosesAnswersOrBreaksAll() throws Exception {
        Silent silent = new Silent();
        Wires wires = new Wires(silent);
        List<CompletableFuture<byte[]>> all = new ArrayList<>();
        try (wires) {
            Link link = wires.direct();
            for (int i = 0; i < 50; i++) {
                all.add(link.ask(bytes("?"), LONG));
            }
            await().atMost(LONG).until(() -> silent.asked.size() == 50);
            // while the connection was being made they may have overtaken each other
            silent.asked.get(0).complete(bytes("answered"));
            await().atMost(LONG).until(() -> all.stream().anyMatch(CompletableFuture::isDone));
            CompletableFuture<byte[]> answered =
                    all.stream().filter(CompletableFuture::isDone).findFirst().orElseThrow();
            assertThat(get(answered)).isEqualTo(bytes("answered"));
            wires.server.close();
            for (CompletableFuture<byte[]> answer : all) {
                if (answer != answered) {
                    assertThat(failure(answer)).isInstanceOf(IOException.class);
                }
            }
        }
    }

    @Test
    void nobodyThereIsSaidAtOnce() throws Exception {
        int port;
        try (ServerSocket unused = new ServerSocket(0)) {
            port = unused.getLocalPort();
        }
        try (Link link = new Link(new Endpoint("localhost", port), Wires.N1_TO_N2, Limits.of(1_000))) {
            assertThat(failure(link.ask(bytes("?"), LONG)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("n2 at localhost:" + port + " can't be reached: ")
                    .hasMessageContaining("refused");
        }
        try (Link link = new Link(new Endpoint("no-such-host.invalid", port), Wires.N1_TO_N2, Limits.of(1_000))) {
            assertThat(failure(link.ask(bytes("?"), LONG)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no-such-host.invalid");
        }
    }

    @Test
    void aPortThatIsTakenIsOneSentence() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> WireServer.requireFree("127.0.0.1", other.getLocalPort()))
                    .isInstanceOf(IOException.class)
                    .hasMessageMatching(
                            "this node can't listen on 127\\.0\\.0\\.1:\\d+ \\(.*\\): stop what listens there,"
                                    + " or give the node another port");
        }
    }

    @Test
    void garbageAndIdleConnectionsHarmNobody() throws Exception {
        try (Wires wires = new Wires(new Echo())) {
            long seed = System.nanoTime();
            Random random = new Random(seed);
            List<Socket> sockets = new ArrayList<>();
            try {
                for (int i = 0; i < 1_000; i++) {
                    Socket socket = new Socket(InetAddress.getLoopbackAddress(), wires.server.port());
                    sockets.add(socket);
                    if (i % 4 == 0) {
                        byte[] garbage = new byte[random.nextInt(5_000)];
                        random.nextBytes(garbage);
                        try {
                            socket.getOutputStream().write(garbage);
                        } catch (IOException e) {
                            // it was closed at once, which is right
                        }
                    }
                }
                assertThat(get(wires.direct().ask(bytes("?"), LONG)))
                        .as("seed %d", seed)
                        .isEqualTo(bytes("?"));
            } finally {
                for (Socket socket : sockets) {
                    socket.close();
                }
            }
            assertThat(get(wires.direct().ask(bytes("!"), LONG))).isEqualTo(bytes("!"));
        }
    }

    /** The right preface, and garbage behind it, in every length. */
    @Test
    void garbageBehindAPrefaceHarmsNobody() throws Exception {
        byte[] preface = bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        try (Wires wires = new Wires(new Echo())) {
            long seed = System.nanoTime();
            Random random = new Random(seed);
            for (int i = 0; i < 100; i++) {
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), wires.server.port())) {
                    byte[] garbage = new byte[1 + random.nextInt(300)];
                    random.nextBytes(garbage);
                    socket.getOutputStream().write(preface, 0, 1 + random.nextInt(preface.length));
                    socket.getOutputStream().write(garbage);
                } catch (IOException e) {
                    // refused, which is right
                }
            }
            assertThat(get(wires.direct().ask(bytes("?"), LONG)))
                    .as("seed %d", seed)
                    .isEqualTo(bytes("?"));
        }
    }
}
