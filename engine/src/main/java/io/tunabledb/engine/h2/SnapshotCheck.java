package io.tunabledb.engine.h2;

import io.tunabledb.engine.h2.catalog.SystemSchema;
import io.tunabledb.engine.h2.sharding.ShardOf;
import io.tunabledb.engine.h2.snapshot.CorruptSnapshotException;
import io.tunabledb.engine.h2.snapshot.Pin;
import io.tunabledb.engine.h2.snapshot.SnapshotContent;
import io.tunabledb.engine.h2.sql.TableName;
import java.io.IOException;
import java.io.InputStream;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Reads a snapshot back into a private database and compares it with the moment it was written from, so that what
 * can't be restored is found out while everything is still there.
 *
 * <p>The schema is always made whole. Rows too, with their indexes, if they are few and no other replica in the JVM does so just then, since
 * they are in memory twice meanwhile; otherwise each is read, hashed and let go of. That finds all that a file can have wrong; what it
 * can't find is an index that refuses rows which the same index holds now.
 */
public final class SnapshotCheck {
    private static final long MAX_WHOLE_BYTES =
            Math.min(16 << 20, Runtime.getRuntime().maxMemory() / 64);
    private static final Semaphore WHOLE = new Semaphore(1);

    private final String database;
    private final SystemSchema system;
    private final ShardOf shard;

    /** A check for one replica, whose snapshots are loaded with this beside them. */
    public SnapshotCheck(String database, SystemSchema system, ShardOf shard) {
        this.database = database;
        this.system = system;
        this.shard = shard;
    }

    /**
     * Reads a snapshot back. On a thread with a stack as deep as the one that will load it.
     *
     * @param pin the snapshot was written by it
     * @return what is not the same, by name; null when all is
     * @throws IOException the file can't be read
     */
    public @Nullable String difference(Pin pin, InputStream in) throws IOException {
        boolean isWhole = pin.writtenBytes() <= MAX_WHOLE_BYTES && WHOLE.tryAcquire();
        try {
            return difference(pin, in, isWhole);
        } finally {
            if (isWhole) {
                WHOLE.release();
            }
        }
    }

    /** The same, with the rows kept or not. */
    @Nullable
    String difference(Pin pin, InputStream in, boolean isWhole) throws IOException {
        try (Storage copy = Storage.create(database, system, shard)) {
            Map<TableName, String> hashes = copy.load(in, isWhole);
            SnapshotContent content = pin.content();
            return content.difference(content(copy, isWhole ? null : hashes, content.schema() != null));
        } catch (CorruptSnapshotException | SQLException | RuntimeException e) {
            return "it can't be read back: " + e.getMessage();
        } catch (StackOverflowError e) {
            return "it can't be read back: the stack is not deep enough";
        }
    }

    /**
     * What a copy has.
     *
     * @param hashes of its rows if it did not keep them
     */
    private static SnapshotContent content(Storage copy, @Nullable Map<TableName, String> hashes, boolean withSchema)
            throws SQLException {
        try (Pin pin = copy.pin()) {
            if (withSchema) {
                pin.noteSchema();
            }
            SnapshotContent content = pin.content();
            Map<TableName, String> rows = hashes == null ? pin.tableHashes() : hashes;
            return new SnapshotContent(
                    content.term(),
                    content.index(),
                    rows,
                    content.script(),
                    content.schema(),
                    content.sequences(),
                    content.ledger());
        }
    }
}
