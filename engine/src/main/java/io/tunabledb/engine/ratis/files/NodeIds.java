package io.tunabledb.engine.ratis.files;

import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/** How our numbers are written in Ratis's messages. */
public final class NodeIds {
    private NodeIds() {}

    public static RaftPeerId peer(int node) {
        return RaftPeerId.valueOf(Integer.toString(node));
    }

    public static int node(RaftPeerId peer) {
        return Integer.parseInt(peer.toString());
    }

    public static int node(ByteString peer) {
        int node = 0;
        for (int i = 0; i < peer.size(); i++) {
            node = node * 10 + (peer.byteAt(i) - '0');
        }
        return node;
    }

    /** Every shard is a Raft group of its own. */
    public static RaftGroupId group(UUID database, int shard) {
        return named(database + "/" + shard);
    }

    /** The group whose only member is this node. */
    public static RaftGroupId ownGroup(UUID database, int node) {
        return named(database + "/own/" + node);
    }

    private static RaftGroupId named(String name) {
        return RaftGroupId.valueOf(UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)));
    }
}
