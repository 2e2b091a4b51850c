package io.tunabledb.engine.session;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * A session's reads and writes as a value: for each shard the highest index it may have seen and the highest it wrote.
 * The causal-session token of MongoDB and Cosmos DB, for every shard at once.
 *
 * <p>Text form: base64url, without padding, of {@code version(1) database(16) shards(2) {read(8) write(8)}… epoch(8)
 * marks(2) {node(2) incarnation(8) shard(2) number(8)}… crc32c(4)}. Before version 3 there is no epoch: it is 0. In version 1
 * a mark has no shard: it is 0.
 *
 * @param database the database's identity
 * @param read per shard, the highest index the session may have seen
 * @param write per shard, the highest index the session wrote
 * @param epoch the highest epoch the session may have seen anything of; cuts above it have all it saw
 * @param marks weak writes the session was not told to be applied
 */
public record Token(UUID database, long[] read, long[] write, long epoch, List<Mark> marks) {
    private static final byte VERSION = 3;
    /** Before cuts had numbers. */
    private static final byte VERSION_WITHOUT_EPOCH = 2;
    /** Before an outbox forwarded to more shards than one. */
    private static final byte VERSION_WITHOUT_MARKED_SHARD = 1;

    private static final int MAX_SHARDS = 1024;
    private static final int MAX_MARKS = 1024;
    private static final int MARK_BYTES = 2 + 8 + 2 + 8;

    /**
     * A weak write: everything for one shard in that outbox up to a number.
     *
     * @param node whose outbox it is
     * @param incarnation which of the node's outboxes
     * @param shard where it is carried out
     */
    public record Mark(int node, long incarnation, int shard, long number) {}

    public Token {
        read = read.clone();
        write = write.clone();
        marks = List.copyOf(marks);
    }

    /** Of a session that has seen no cut and has no weak writes under way. */
    public Token(UUID database, long[] read, long[] write) {
        this(database, read, write, 0, List.of());
    }

    @Override
    public long[] read() {
        return read.clone();
    }

    @Override
    public long[] write() {
        return write.clone();
    }

    /** The highest index of a shard that the session may have seen or wrote. */
    public long seen(int shard) {
        return Math.max(read[shard], write[shard]);
    }

    /** The opaque string. */
    public String encode() {
        ByteBuffer out = ByteBuffer.allocate(1 + 16 + 2 + read.length * 16 + 8 + 2 + marks.size() * MARK_BYTES + 4);
        out.put(VERSION).putLong(database.getMostSignificantBits()).putLong(database.getLeastSignificantBits());
        out.putShort((short) read.length);
        for (int shard = 0; shard < read.length; shard++) {
            out.putLong(read[shard]).putLong(write[shard]);
        }
        out.putLong(epoch).putShort((short) marks.size());
        for (Mark mark : marks) {
            out.putShort((short) mark.node).putLong(mark.incarnation);
            out.putShort((short) mark.shard).putLong(mark.number);
        }
        out.putInt(checksum(out.array(), out.position()));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(out.array());
    }

    /**
     * Reads an opaque string.
     *
     * @throws BadTokenException when it is torn or of another format
     */
    public static Token decode(String text) throws BadTokenException {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(text.trim());
            ByteBuffer in = ByteBuffer.wrap(bytes);
            if (bytes.length < 5 || in.getInt(bytes.length - 4) != checksum(bytes, bytes.length - 4)) {
                throw torn(text, "its checksum does not match");
            }
            byte version = in.get();
            if (version < VERSION_WITHOUT_MARKED_SHARD || version > VERSION) {
                throw torn(text, "its format version is " + version + ", this library reads up to " + VERSION);
            }
            UUID database = new UUID(in.getLong(), in.getLong());
            int shards = in.getShort();
            if (shards < 1 || shards > MAX_SHARDS) {
                throw torn(text, "it names " + shards + " shards");
            }
            long[] read = new long[shards];
            long[] write = new long[shards];
            for (int shard = 0; shard < shards; shard++) {
                read[shard] = in.getLong();
                write[shard] = in.getLong();
            }
            long epoch = version <= VERSION_WITHOUT_EPOCH ? 0 : in.getLong();
            return new Token(database, read, write, epoch, marks(in, version, shards, text));
        } catch (IllegalArgumentException | BufferUnderflowException e) {
            throw torn(text, "it is not a token");
        }
    }

    private static List<Mark> marks(ByteBuffer in, byte version, int shards, String text) throws BadTokenException {
        int count = in.getShort();
        if (count < 0 || count > MAX_MARKS) {
            throw torn(text, "it names " + count + " outboxes");
        }
        List<Mark> marks = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int node = in.getShort();
            long incarnation = in.getLong();
            int shard = version == VERSION_WITHOUT_MARKED_SHARD ? 0 : in.getShort();
            if (shard < 0 || shard >= shards) {
                throw torn(text, "it names a write in shard " + shard + " of " + shards);
            }
            marks.add(new Mark(node, incarnation, shard, in.getLong()));
        }
        return marks;
    }

    private static BadTokenException torn(String text, String why) {
        String shown = text.length() > 40 ? text.substring(0, 40) + "…" : text;
        return new BadTokenException("session token '" + shown + "' can't be used: " + why
                + "; take a fresh one with SHOW CONSISTENCY TOKEN");
    }

    private static int checksum(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Token token
                && database.equals(token.database)
                && Arrays.equals(read, token.read)
                && Arrays.equals(write, token.write)
                && epoch == token.epoch
                && Set.copyOf(marks).equals(Set.copyOf(token.marks));
    }

    @Override
    public int hashCode() {
        int rest = 31 * (31 * Arrays.hashCode(write) + Long.hashCode(epoch))
                + Set.copyOf(marks).hashCode();
        return 31 * (31 * database.hashCode() + Arrays.hashCode(read)) + rest;
    }

    @Override
    public String toString() {
        return encode();
    }
}
