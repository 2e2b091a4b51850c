package io.tunabledb.engine.outbox;

/**
 * A weak write that was not yet seen carried out.
 *
 * @param number its number in its outbox, from 1, without gaps
 * @param shard where it is carried out
 * @param bytes the encoded {@link OutboxEntry}
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
public record QueuedWrite(long number, int shard, byte[] bytes) {
    QueuedWrite(long number, byte[] bytes) {
        this(number, OutboxEntry.shard(bytes), bytes);
    }
}
