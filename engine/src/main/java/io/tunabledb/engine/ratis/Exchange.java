package io.tunabledb.engine.ratis;

import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.util.Timestamp;
import org.jspecify.annotations.Nullable;

/** One request of an appender and its answer. Ended once: by the answer, or by who can wait for it no longer. */
final class Exchange {
    final AppendEntriesRequestProto request;
    final Timestamp sent = Timestamp.currentTime();
    final long sentNanos = System.nanoTime();
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile boolean leftOver;
    private volatile @Nullable AppendEntriesReplyProto reply;

    Exchange(AppendEntriesRequestProto request) {
        this.request = request;
    }

    /** True for the one who ends it. */
    boolean end() {
        return ended.compareAndSet(false, true);
    }

    /** Leaves what the answer asks for, or that there is none (null), to the appender's thread. */
    void leave(@Nullable AppendEntriesReplyProto answer) {
        reply = answer;
        leftOver = true;
    }

    /** Whether the appender's thread has to see to it. */
    boolean isLeftOver() {
        return leftOver;
    }

    /** The answer that was left; null when there was none. */
    @Nullable
    AppendEntriesReplyProto reply() {
        return reply;
    }
}
