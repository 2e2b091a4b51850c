package io.tunabledb.engine.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.ratis.files.NodeIds;
import io.tunabledb.engine.wire.Endpoint;
import io.tunabledb.engine.wire.Limits;
import io.tunabledb.engine.wire.Link;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcFactory;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.retry.RetryPolicies;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** As {@link ReplicationTest}, over gRPC. */
class ReplicationOverGrpcTest extends ReplicationTest {
    @BeforeAll
    static void overGrpc() {
        Cluster.isOverGrpc = true;
    }

    @AfterAll
    static void inProcess() {
        Cluster.isOverGrpc = false;
    }

    @Test
    void thePortServesTheNodeAndNobodyElse() throws Exception {
        assertThat(cluster.leader()).isEqualTo(1);
        try (Link link = new Link(cluster.port(2), Cluster.introduction(1, 2), Limits.of(1 << 20))) {
            assertThat(link.ask(new byte[] {7}, Duration.ofSeconds(60)).get()).containsExactly(7);
        }
        Endpoint port = cluster.port(1);
        RaftGroup group = RaftGroup.valueOf(
                cluster.node(1).replica(0).group(),
                RaftPeer.newBuilder()
                        .setId(NodeIds.peer(1))
                        .setAddress(port.toString())
                        .build());
        RaftProperties properties = new RaftProperties();
        try (RaftClient stranger = RaftClient.newBuilder()
                .setProperties(properties)
                .setRaftGroup(group)
                .setRetryPolicy(RetryPolicies.noRetry())
                .setClientRpc(new GrpcFactory(new Parameters()).newRaftClientRpc(ClientId.randomId(), properties))
                .build()) {
            assertThatThrownBy(() -> stranger.io().send(Message.valueOf("an entry")))
                    .hasStackTraceContaining("n1 is managed by its own process");
            assertThatThrownBy(() ->
                            stranger.getGroupManagementApi(NodeIds.peer(1)).list())
                    .hasStackTraceContaining("n1 is managed by its own process");
        }
    }

    @Test
    void aPortThatIsTakenIsOneSentence() throws Exception {
        cluster.stop(3);
        try (ServerSocket other =
                new ServerSocket(cluster.port(3).port(), 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            assertThatThrownBy(() -> cluster.start(3))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("this node can't listen on 127.0.0.1:" + other.getLocalPort());
        }
        cluster.start(3);
        cluster.converge();
    }
}
