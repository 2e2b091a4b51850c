package io.tunabledb.engine.shard.log;

import io.tunabledb.engine.log.LogPosition;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What stands in a shard's log. Versioned: an entry this library can't read stops the replica instead of being guessed. */
public sealed interface Entry {
    /** The format of every entry below. */
    byte FORMAT = 1;

    /**
     * A committed transaction: its row effects and what its caller is answered.
     *
     * @param term the term its transaction ran in. An entry logged in any other term is void on every replica: its
     *     locks were gone when it was logged.
     * @param settings whether it changed the catalog
     * @param outbox whether it carries out an outbox: then the session is the outbox's incarnation and the number that of
     *     the last of its writes
     */
    record Write(long session, long number, long term, boolean settings, boolean outbox, byte[] outcome, byte[] changes)
            implements Entry {
        @Override
        public boolean applyTo(EntryHandlers handlers, LogPosition at, @Nullable Object held) {
            return handlers.write(at, this, held);
        }

        private static final int SETTINGS = 1;
        private static final int OUTBOX = 2;
    }

    /**
     * A schema change that every replica executes. Void in any other term, like a Write.
     *
     * @param settings what it puts into the catalog together with its statement
     */
    record Define(long session, long number, long term, String schema, String sql, Map<String, String> settings)
            implements Entry {
        @Override
        public boolean applyTo(EntryHandlers handlers, LogPosition at, @Nullable Object held) {
            return handlers.define(at, this, held);
        }

        public Define {
            settings = Map.copyOf(settings);
        }

        /** Without settings. */
        Define(long session, long number, long term, String schema, String sql) {
            this(session, number, term, schema, sql, Map.of());
        }
    }

    /**
     * A participant's part of a transaction over shards: promised, and kept on every replica until a Finish says whether it
     * takes effect. Void in any other term, like a Write.
     *
     * @param home the shard that decides
     * @param vote the epoch this shard votes
     * @param changes empty when the transaction only read here
     * @param readSet what it read here, opaque
     */
    record Prepare(long session, long number, long term, int home, long vote, byte[] changes, byte[] readSet)
            implements Entry {
        @Override
        public boolean applyTo(EntryHandlers handlers, LogPosition at, @Nullable Object held) {
            return handlers.prepare(at, this, held);
        }

        @Override
        public byte[] encode() {
            return start('P', 8 * 4 + 4 + 8 + changes.length + readSet.length)
                    .putLong(session)
                    .putLong(number)
                    .putLong(term)
                    .putInt(home)
                    .putLong(vote)
                    .putInt(changes.length)
                    .put(changes)
                    .putInt(readSet.length)
                    .put(readSet)
                    .array();
        }
    }

    /**
     * The commit of a transaction over shards, in its home's log, with home's own changes: once this is committed, so is
     * the transaction. Void in any other term, like a Write: then the transaction never happened.
     *
     * @param epoch the highest of the epochs voted; it commits in that, or in home's at this entry if that is higher
     * @param participants the shards that are prepared
     * @param readSet what it read at home, opaque: needed while it waits for its epoch
     */
    record Decide(
            long session,
            long number,
            long term,
            long epoch,
            List<Integer> participants,
            byte[] outcome,
            byte[] changes,
            byte[] readSet)
            implements Entry {
        @Override
        public boolean applyTo(EntryHandlers handlers, LogPosition at, @Nullable Object held) {
            return handlers.decide(at, this, held);
        }

        @Override
        public byte[] encode() {
            ByteBuffer shards = ByteBuffer.allocate(4 * participants.size());
            participants.forEach(shards::putInt);
            return start('Y', 8 * 4 + 16 + shards.capacity() + outcome.length + changes.length + readSet.length)
                    .putLong(session)
                    .putLong(number)
                    .putLong(term)
                    .putLong(epoch)
                    .putInt(participants.size())
                    .put(shards.flip())
                    .putInt(outcome.length)
                    .put(outcome)
                    .putInt(changes.length)
                    .put(changes)
                    .putInt(readSet.length)
                    .put(readSet)
                    .array();
        }

        private static Decide decodeDecide(ByteBuffer in) {
            long session = in.getLong();
            long number = in.getLong();
            long term = in.getLong();
            long epoch = in.getLong();
            List<Integer> participants = new ArrayList<>();
            for (int left = in.getInt(); left > 0; left--) {
                participants.add(in.getInt());
            }
            byte[] outcome = read(in);
            byte[] changes = read(in);
            // entries from before there were epochs end here
            byte[] readSet = in.hasRemaining() ? read(in) : new byte[0];
            return new Decide(session, number, term, epoch, List.copyOf(participants), outcome, changes, readSet);
        }
    }

    /**
     * The end of a prepared transaction at a participant, as home decided. Holds in every term, and has no effect when the
     * transaction is not prepared (any more). One that commits is void before its epoch.
     */
    record Finish(long session, long number, boolean commit, long epoch) implements Entry {
        @Override
        public boolean applyTo(EntryHandlers handlers, LogPosition at, @Nullable Object held) {
            return handlers.finish(at, this);
        }

        @Override
        public byte[] encode() {
            return start('F', 8 * 3 + 1)
                    .putLong(session)
                    .putLong(number)
                    .put((byte) (commit ? 1 : 0))
                    .putLong(epoch)
                    .array();
        }
    }

    /** All participants have finished these, so home forgets its decisions. No effect on those it does not know. */
    record Forget(List<TransactionId> transactions) implements Entry {
        @Override
        public boolean applyTo(EntryHandlers handlers, LogPosition at, @Nullable Object held) {
            return handlers.forget(at, this);
        }

        @Override
        public byte[] encode() {
            ByteBuffer ids = ByteBuffer.allocate(16 * transactions.size());
            transactions.forEach(
                    transactionId -> ids.putLong(transactionId.session()).putLong(transactionId.number()));
            return start('G', 4 + ids.capacity())
                    .putInt(transactions.size())
                    .put(ids.flip())
                    .array();
        }

        private static Forget decodeForget(ByteBuffer in) {
            List<TransactionId> transactions = new ArrayList<>();
            for (int left = in.getInt(); left > 0; left--) {
                transactions.add(new TransactionId(in.getLong(), in.getLong()));
            }
            return new Forget(List.copyOf(transactions));
        }
    }

    /** A cut is begun; in the first shard's log. Void unless it follows the newest one. {@code cut/DESIGN.md} tells the protocol. */
    record Start(long epoch) implements Entry {
        @Override
        public boolean applyTo(EntryHandlers handlers, LogPosition at, @Nullable Object held) {
            return handlers.start(at, this);
        }

        @Override
        public byte[] encode() {
            return start('E', 8).putLong(epoch).array();
        }
    }

    /** A cut is given up; in the first shard's log. Void unless it is the newest one. */
    record Cancel(long epoch) implements Entry {
        @Override
        public boolean applyTo(EntryHandlers handlers, LogPosition at, @Nullable Object held) {
            return handlers.cancel(at, this);
        }

        @Override
        public byte[] encode() {
            return start('X', 8).putLong(epoch).array();
        }
    }

    /**
     * Ends all epochs below one: what stands before it belongs to the cut of that number. Void when a transaction in its way
     * is prepared that may yet commit below.
     *
     * @param epoch the one that begins
     * @param later what is prepared with a lower vote, and is known to commit in that epoch or behind it
     */
    record Close(long epoch, List<Later> later) implements Entry {
        @Override
        public boolean applyTo(EntryHandlers handlers, LogPosition at, @Nullable Object held) {
            return handlers.close(at, this);
        }

        /** A prepared transaction, and in which epoch it commits. */
        public record Later(TransactionId transaction, long epoch) {}

        @Override
        public byte[] encode() {
            ByteBuffer all = ByteBuffer.allocate(24 * later.size());
            later.forEach(one -> all.putLong(one.transaction.session())
                    .putLong(one.transaction.number())
                    .putLong(one.epoch));
            return start('L', 8 + 4 + all.capacity())
                    .putLong(epoch)
                    .putInt(later.size())
                    .put(all.flip())
                    .array();
        }

        private static Close decodeClose(ByteBuffer in) {
            long epoch = in.getLong();
            List<Later> later = new ArrayList<>();
            for (int left = in.getInt(); left > 0; left--) {
                later.add(new Later(new TransactionId(in.getLong(), in.getLong()), in.getLong()));
            }
            return new Close(epoch, List.copyOf(later));
        }
    }

    /** Every replica hashes its rows as of this entry; a null table means all of them. */
    record Check(long id, @Nullable String schema, @Nullable String table) implements Entry {
        @Override
        public boolean applyTo(EntryHandlers handlers, LogPosition at, @Nullable Object held) {
            return handlers.check(at, this);
        }
    }

    /**
     * Has the handler of its kind do what it says.
     *
     * @param held what this node handed to the log with it, if it led
     * @return whether rows or the schema changed
     */
    boolean applyTo(EntryHandlers handlers, LogPosition at, @Nullable Object held);

    /** The bytes to log. */
    default byte[] encode() {
        if (this instanceof Write write) {
            return start('W', 8 * 3 + 1 + 8 + write.outcome.length + write.changes.length)
                    .putLong(write.session)
                    .putLong(write.number)
                    .putLong(write.term)
                    .put((byte) ((write.settings ? Write.SETTINGS : 0) | (write.outbox ? Write.OUTBOX : 0)))
                    .putInt(write.outcome.length)
                    .put(write.outcome)
                    .putInt(write.changes.length)
                    .put(write.changes)
                    .array();
        }
        if (this instanceof Define define) {
            byte[] schema = bytes(define.schema);
            byte[] sql = bytes(define.sql);
            // a kind of its own, so that a library that does not know settings stops instead of leaving them out
            boolean plain = define.settings.isEmpty();
            byte[] settings = plain ? new byte[0] : bytes(define.settings);
            return start(plain ? 'D' : 'S', 8 * 3 + 8 + schema.length + sql.length + settings.length)
                    .putLong(define.session)
                    .putLong(define.number)
                    .putLong(define.term)
                    .putInt(schema.length)
                    .put(schema)
                    .putInt(sql.length)
                    .put(sql)
                    .put(settings)
                    .array();
        }
        Check check = (Check) this;
        byte[] schema = bytes(check.schema);
        byte[] table = bytes(check.table);
        return start('C', 8 + 8 + schema.length + table.length)
                .putLong(check.id)
                .putInt(schema.length)
                .put(schema)
                .putInt(table.length)
                .put(table)
                .array();
    }

    /**
     * Reads what {@link #encode} wrote.
     *
     * @throws IllegalStateException for any other bytes
     */
    static Entry decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        byte format = in.get();
        if (format != FORMAT) {
            throw new IllegalStateException(
                    "log entry of format " + format + ", this library reads " + FORMAT + "; use the newer library");
        }
        char kind = (char) in.get();
        return switch (kind) {
            case 'W' -> {
                long session = in.getLong();
                long number = in.getLong();
                long term = in.getLong();
                int flags = in.get();
                yield new Write(
                        session,
                        number,
                        term,
                        (flags & Write.SETTINGS) != 0,
                        (flags & Write.OUTBOX) != 0,
                        read(in),
                        read(in));
            }
            case 'D' -> new Define(in.getLong(), in.getLong(), in.getLong(), text(in), text(in));
            case 'S' -> new Define(in.getLong(), in.getLong(), in.getLong(), text(in), text(in), settings(in));
            case 'P' ->
                new Prepare(in.getLong(), in.getLong(), in.getLong(), in.getInt(), in.getLong(), read(in), read(in));
            case 'Y' -> Decide.decodeDecide(in);
            case 'F' -> new Finish(in.getLong(), in.getLong(), in.get() != 0, in.getLong());
            case 'G' -> Forget.decodeForget(in);
            case 'E' -> new Start(in.getLong());
            case 'X' -> new Cancel(in.getLong());
            case 'L' -> Close.decodeClose(in);
            case 'C' -> {
                long id = in.getLong();
                String schema = text(in);
                String table = text(in);
                yield new Check(id, schema.isEmpty() ? null : schema, table.isEmpty() ? null : table);
            }
            default -> throw new IllegalStateException("log entry of unknown kind '" + kind + "'");
        };
    }

    private static ByteBuffer start(char kind, int size) {
        return ByteBuffer.allocate(2 + size).put(FORMAT).put((byte) kind);
    }

    private static byte[] bytes(@Nullable String text) {
        return text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] bytes(Map<String, String> settings) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new TreeMap<>(settings).forEach((name, value) -> {
            for (byte[] text : new byte[][] {bytes(name), bytes(value)}) {
                out.writeBytes(
                        ByteBuffer.allocate(Integer.BYTES).putInt(text.length).array());
                out.writeBytes(text);
            }
        });
        return out.toByteArray();
    }

    private static Map<String, String> settings(ByteBuffer in) {
        Map<String, String> settings = new TreeMap<>();
        while (in.hasRemaining()) {
            settings.put(text(in), text(in));
        }
        return settings;
    }

    private static byte[] read(ByteBuffer in) {
        byte[] bytes = new byte[in.getInt()];
        in.get(bytes);
        return bytes;
    }

    private static String text(ByteBuffer in) {
        return new String(read(in), StandardCharsets.UTF_8);
    }
}
