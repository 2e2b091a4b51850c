package io.tunabledb.engine.ratis;

import java.util.Iterator;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.ratis.proto.RaftProtos.FileChunkProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.jspecify.annotations.Nullable;

/**
 * The snapshots that a node sends to others: one at a time, of whatever shard, and never faster than leaves room for its other
 * work. A large one sent at full speed has stopped leaders elsewhere.
 */
final class SnapshotSending {
    private static final long BYTES_PER_SECOND = 128L << 20;

    private final AtomicReference<@Nullable Object> sender = new AtomicReference<>();

    /** Whether it is this one's turn; who has it has it still. */
    boolean begin(Object who) {
        return sender.get() == who || sender.compareAndSet(null, who);
    }

    void end(Object who) {
        sender.compareAndSet(who, null);
    }

    /** The same, each taken when its time has come. */
    Iterable<InstallSnapshotRequestProto> paced(Iterable<InstallSnapshotRequestProto> requests) {
        return () -> new Paced(requests.iterator());
    }

    private static final class Paced implements Iterator<InstallSnapshotRequestProto> {
        private final Iterator<InstallSnapshotRequestProto> requests;
        private long nextNanos = System.nanoTime();

        Paced(Iterator<InstallSnapshotRequestProto> requests) {
            this.requests = requests;
        }

        @Override
        public boolean hasNext() {
            return requests.hasNext();
        }

        @Override
        public InstallSnapshotRequestProto next() {
            long wait = nextNanos - System.nanoTime();
            if (wait > 0) {
                LockSupport.parkNanos(wait);
            }
            InstallSnapshotRequestProto request = requests.next();
            long bytes = request.getSnapshotChunk().getFileChunksList().stream()
                    .map(FileChunkProto::getData)
                    .mapToLong(data -> data.size())
                    .sum();
            nextNanos = Math.max(nextNanos, System.nanoTime()) + bytes * 1_000_000_000L / BYTES_PER_SECOND;
            return request;
        }
    }
}
