package io.tunabledb.engine.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.cut.Releases;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.message.CutMessage;
import io.tunabledb.engine.message.LockMessage;
import io.tunabledb.engine.message.Nothing;
import io.tunabledb.engine.message.SchemaMessage;
import io.tunabledb.engine.net.Network;
import io.tunabledb.engine.wire.Addresses;
import io.tunabledb.engine.wire.Endpoint;
import io.tunabledb.engine.wire.Limits;
import io.tunabledb.engine.wire.WireServer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The same handlers over gRPC as in process. */
class OverGrpcTest {
    private static final UUID DATABASE = UUID.randomUUID();

    private final Map<Integer, Endpoint> ports = new ConcurrentHashMap<>();
    private final ExecutorService workers = Executors.newCachedThreadPool();
    private final Releases releases = new Releases(3);
    private final OverGrpc carrier = carrier(DATABASE);
    private WireServer second;

    private OverGrpc carrier(UUID database) {
        Addresses addresses = new Addresses() {
            @Override
            public Endpoint listens(int node) {
                return ports.get(node);
            }

            @Override
            public Endpoint reached(int from, int to) {
                return ports.get(to);
            }
        };
        return new OverGrpc(new InProcess(new Network(), 3), addresses, database, 3, Limits.of(1 << 20), workers);
    }

    @BeforeEach
    void start() throws IOException {
        second = WireServer.start("127.0.0.1", 0, carrier.service(2));
        ports.put(2, new Endpoint("localhost", second.port()));
    }

    @AfterEach
    void stop() {
        carrier.close();
        second.close();
        workers.shutdownNow();
    }

    /** One that has nothing but its releases, which is enough for some messages. */
    private Member member(int node) {
        return new Member(
                node, List.of(), List.of(), List.of(), null, null, releases, null, () -> true, () -> null, () -> null);
    }

    @Test
    void handlersAnswer() throws Exception {
        carrier.join(member(2));
        assertThat(carrier.call(1, 2, new CutMessage.Release(17))).isEqualTo(Nothing.NOTHING);
        assertThat(releases.upTo(2)).isEqualTo(17);
        assertThat(carrier.ask(3, 2, new CutMessage.Released()).get(60, TimeUnit.SECONDS))
                .isEqualTo(17);
        assertThat(carrier.call(1, 2, new LockMessage.Waits())).isEmpty();
    }

    @Test
    void failuresArriveAsWhatTheyAre() throws Exception {
        carrier.join(member(2));
        // there is no shard 0 here
        assertThatThrownBy(() -> carrier.call(1, 2, new SchemaMessage.HoldsTurn(1)))
                .isInstanceOf(NodeFailedException.class)
                .hasMessageContaining("n2 failed: java.lang.ArrayIndexOutOfBoundsException");
        assertThatThrownBy(
                        () -> carrier.ask(1, 2, new SchemaMessage.HoldsTurn(1)).get(60, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(NodeFailedException.class);
    }

    @Test
    void whoIsNotThereIsALostMessage() {
        assertThatThrownBy(() -> carrier.call(1, 2, new CutMessage.Released()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("n2 is not started");
        second.close();
        assertThatThrownBy(() -> carrier.call(1, 2, new CutMessage.Released())).isInstanceOf(IOException.class);
    }

    @Test
    void anotherDatabaseIsRefused() {
        carrier.join(member(2));
        try (OverGrpc other = carrier(UUID.randomUUID())) {
            assertThatThrownBy(() -> other.call(1, 2, new CutMessage.Released()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("this is n2 of database " + DATABASE);
        }
    }

    @Test
    void aNodeAsksItselfWithoutANetwork() {
        // in process nobody has joined
        assertThatThrownBy(() -> carrier.call(2, 2, new CutMessage.Released()))
                .isInstanceOf(IOException.class)
                .hasMessage("node n2 is not started");
    }

    @Test
    void theExceptionsThatSteerAreKnownToSessions() {
        assertThat(Fault.of(new NotLeaderException("x")).thrown(2)).isInstanceOf(NotLeaderException.class);
    }
}
