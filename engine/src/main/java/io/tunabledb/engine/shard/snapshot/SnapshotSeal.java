package io.tunabledb.engine.shard.snapshot;

import io.tunabledb.engine.h2.sharding.ShardOf;
import io.tunabledb.engine.h2.snapshot.CorruptSnapshotException;
import io.tunabledb.engine.log.LogPosition;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The last bytes of a snapshot file: whose shard it is, and as of which entry. The name of a file says that, too, but a file that
 * was mixed up with another node's, or renamed, would be believed to hold entries that it does not, or not to hold those that it
 * does.
 *
 * <pre>
 * magic (8 bytes), shard (4), shards (4), term (8), index (8), CRC-32C of all that (4)
 * </pre>
 */
final class SnapshotSeal {
    private static final long MAGIC = 0x54554e415345414cL; // TUNASEAL
    private static final int BYTES = 36;
    private static final int CHECKED = BYTES - Integer.BYTES;

    private SnapshotSeal() {}

    private static byte[] of(ShardOf shard, LogPosition at) {
        ByteBuffer seal = ByteBuffer.allocate(BYTES)
                .putLong(MAGIC)
                .putInt(shard.shard())
                .putInt(shard.shards())
                .putLong(at.term())
                .putLong(at.index());
        return seal.putInt(checksum(seal.array())).array();
    }

    private static int checksum(byte[] seal) {
        CRC32C checksum = new CRC32C();
        checksum.update(seal, 0, CHECKED);
        return (int) checksum.getValue();
    }

    static void write(OutputStream out, ShardOf shard, LogPosition at) throws IOException {
        out.write(of(shard, at));
    }

    /**
     * Reads it, behind the content.
     *
     * @throws CorruptSnapshotException when it is another's; one without is of a version that wrote none
     */
    static void require(InputStream in, ShardOf shard, LogPosition at) throws IOException {
        byte[] found = in.readNBytes(BYTES);
        if (found.length == 0) {
            return;
        }
        ByteBuffer seal = ByteBuffer.wrap(found);
        if (found.length < BYTES || seal.getLong() != MAGIC || seal.getInt(CHECKED) != checksum(found)) {
            throw new CorruptSnapshotException("its last bytes are damaged");
        }
        int itsShard = seal.getInt();
        int itsShards = seal.getInt();
        LogPosition itsEnd = new LogPosition(seal.getLong(), seal.getLong());
        if (itsShard != shard.shard() || itsShards != shard.shards() || !itsEnd.equals(at)) {
            throw new CorruptSnapshotException("it holds shard " + itsShard + " of " + itsShards + " up to entry "
                    + itsEnd.index() + " of term " + itsEnd.term() + ", and stands for shard " + shard.shard() + " of "
                    + shard.shards() + " up to entry " + at.index() + " of term " + at.term()
                    + ": somebody has mixed up or renamed files");
        }
    }
}
