package io.tunabledb.engine.ratis;

import io.tunabledb.engine.ratis.files.NodeIds;
import java.io.IOException;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.util.ProtoUtils;

/** What a node looks at before it asks another for its vote, whatever carries the question. */
record Elections(LocalNodes nodes, RatisNode self) {

    /** Whether this node may ask for it: it has its own, it may stand, and nobody leads who is only slow. */
    void requireMayAsk(RequestVoteRequestProto request) throws IOException {
        RaftRpcRequestProto about = request.getServerRequest();
        requireVoter(self, about);
        Replica candidate = self.replica(about.getRaftGroupId());
        nodes.elections().requireMayStand(candidate, self.isFirstLeader(candidate));
        if (request.getPreVote()) {
            requireNoLeader(about, request.getCandidateTerm());
        }
    }

    /**
     * Who asks whether he would be elected has not heard his leader, and the voter may not have either. In one process it is known
     * when that leader runs and nothing is between them: then the process had no time for it, and another would have none either.
     */
    private void requireNoLeader(RaftRpcRequestProto request, long term) throws IOException {
        int voter = NodeIds.node(request.getReplyId());
        int leader = nodes.slowLeader(ProtoUtils.toRaftGroupId(request.getRaftGroupId()), term, voter);
        if (leader != 0) {
            throw new IOException("node " + leader + " leads and is only slow");
        }
    }

    /** Who has no vote neither gives one nor stands. */
    static void requireVoter(RatisNode node, RaftRpcRequestProto about) throws IOException {
        if (!node.replica(about.getRaftGroupId()).isVoting()) {
            throw new IOException("node " + node.id() + " is rejoining and takes no part in elections");
        }
    }
}
