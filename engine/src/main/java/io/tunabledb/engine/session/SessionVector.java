package io.tunabledb.engine.session;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The live counterpart of a {@link Token}: only ever rises, until its session clears it. Safe for use by many threads, because with
 * {@code tokenScope=datasource} many connections share one.
 */
public final class SessionVector {
    private final UUID database;
    private final AtomicLongArray read;
    private final AtomicLongArray write;
    private final AtomicLong epoch = new AtomicLong();
    /** Almost always empty: a mark goes when its write is known to be applied. */
    private final Map<Queue, Token.Mark> marks = new ConcurrentHashMap<>();

    /** What is carried out in order: one shard's part of one outbox. */
    private record Queue(long incarnation, int shard) {
        static Queue of(Token.Mark mark) {
            return new Queue(mark.incarnation(), mark.shard());
        }
    }

    public SessionVector(UUID database, int shards) {
        this.database = database;
        this.read = new AtomicLongArray(shards);
        this.write = new AtomicLongArray(shards);
    }

    /** The highest index of {@code shard} the session may have seen. */
    public long read(int shard) {
        return read.get(shard);
    }

    /** The highest index of {@code shard} the session wrote. */
    public long write(int shard) {
        return write.get(shard);
    }

    /** The highest epoch the session may have seen anything of: its causes may be in there. */
    public long epoch() {
        return epoch.get();
    }

    /** Records the epoch of a replica that served, whatever it served; read after the result. */
    public void sawEpoch(long seen) {
        if (epoch.get() < seen) {
            epoch.accumulateAndGet(seen, Math::max);
        }
    }

    /** A shard the session has seen or written already, or the first one. */
    public int anyTouched() {
        for (int shard = 0; shard < read.length(); shard++) {
            if (isTouched(shard)) {
                return shard;
            }
        }
        return 0;
    }

    /** Whether the session has seen or written more shards than one; what waits in an outbox counts. */
    public boolean isOverSeveralShards() {
        int shards = read.length();
        if (shards == 1) {
            return false;
        }
        int touched = 0;
        for (int shard = 0; shard < shards; shard++) {
            touched += isTouched(shard) || isMarked(shard) ? 1 : 0;
        }
        return touched > 1;
    }

    private boolean isTouched(int shard) {
        return read.get(shard) > 0 || write.get(shard) > 0;
    }

    private boolean isMarked(int shard) {
        return !marks.isEmpty() && marks.values().stream().anyMatch(mark -> mark.shard() == shard);
    }

    /** Records that a result may have seen {@code index}. Every served read does this, whatever its level. */
    public void sawRead(int shard, long index) {
        raise(read, shard, index);
    }

    /** Records an acknowledged write. */
    public void wrote(int shard, long index) {
        raise(write, shard, index);
    }

    /** Records a weak write that an outbox has accepted. */
    public void queued(Token.Mark mark) {
        marks.merge(Queue.of(mark), mark, SessionVector::later);
    }

    /** Whether there are {@link #marks}. */
    public boolean hasMarks() {
        return !marks.isEmpty();
    }

    /** The weak writes that are not known to be applied; one mark for each outbox and shard. */
    public Collection<Token.Mark> marks() {
        return marks.values();
    }

    /** A mark's write is applied at {@code index} of its shard, or before: from now on that says it. */
    public void settled(Token.Mark mark, long index) {
        raise(write, mark.shard(), index);
        // a later write's mark stays
        marks.remove(Queue.of(mark), mark);
    }

    /** A mark's write will never be applied, and its session was told so. */
    public void lost(Token.Mark mark) {
        marks.remove(Queue.of(mark), mark);
    }

    /** Forgets everything: what its user asked for who would rather begin anew than wait. */
    public void clear() {
        marks.clear();
        epoch.set(0);
        for (int shard = 0; shard < read.length(); shard++) {
            read.set(shard, 0);
            write.set(shard, 0);
        }
    }

    private static Token.Mark later(Token.Mark left, Token.Mark right) {
        return left.number() >= right.number() ? left : right;
    }

    /** Takes the maximum of each part. */
    public void merge(Token token) throws BadTokenException {
        checkOurs(token);
        long[] otherRead = token.read();
        long[] otherWrite = token.write();
        for (int shard = 0; shard < otherRead.length; shard++) {
            raise(read, shard, otherRead[shard]);
            raise(write, shard, otherWrite[shard]);
        }
        sawEpoch(token.epoch());
        token.marks().forEach(this::queued);
    }

    /** Takes the maximum of each part of another vector of the same database. */
    void merge(SessionVector other) {
        // the marks first: one that is settled meanwhile is in the writes then
        other.marks().forEach(this::queued);
        for (int shard = 0; shard < read.length(); shard++) {
            raise(read, shard, other.read(shard));
            raise(write, shard, other.write(shard));
        }
        sawEpoch(other.epoch());
    }

    /** Refuses a token of another database or another number of shards. */
    public void checkOurs(Token token) throws BadTokenException {
        if (!token.database().equals(database)) {
            throw new BadTokenException("session token is of database " + token.database() + ", this is database "
                    + database + "; a token only works in the database that gave it");
        }
        if (token.read().length != read.length()) {
            throw new BadTokenException("session token names " + token.read().length + " shards, this database has "
                    + read.length() + "; take a fresh one with SHOW CONSISTENCY TOKEN");
        }
    }

    /** The state as a value. */
    public Token token() {
        // the marks first: one that is settled meanwhile is in the writes then
        List<Token.Mark> queued = List.copyOf(marks.values());
        long[] reads = new long[read.length()];
        long[] writes = new long[write.length()];
        for (int shard = 0; shard < reads.length; shard++) {
            reads[shard] = read.get(shard);
            writes[shard] = write.get(shard);
        }
        return new Token(database, reads, writes, epoch.get(), queued);
    }

    private static void raise(AtomicLongArray array, int shard, long index) {
        // the plain check keeps the hot path free of atomic writes: most reads see nothing new
        if (array.get(shard) < index) {
            array.accumulateAndGet(shard, index, Math::max);
        }
    }
}
