package io.tunabledb.engine.outbox;

import io.tunabledb.engine.h2.codec.BoundValues;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One acknowledged weak write: a statement, or the statements of one transaction, which take effect all or none.
 *
 * @param shard where its statements are executed; 0 in entries of a format that did not say
 * @param acceptedAt what NOW() and its kin mean to the statements
 * @param session the session that wrote, for people
 * @param epoch the highest epoch the session had seen: they are carried out in no earlier one
 * @param settings the session's SET statements, in order, under which the statements are executed
 */
public record OutboxEntry(
        int shard, Instant acceptedAt, long session, long epoch, List<String> settings, List<Step> steps) {
    private static final byte FORMAT = 3;
    /** Before cuts had numbers. */
    private static final byte FORMAT_WITHOUT_EPOCH = 2;
    /** Before there were more shards than one. */
    private static final byte FORMAT_WITHOUT_SHARD = 1;

    private static final int MAX_TEXT = 10_000;
    private static final int SHARD_AT = 1 + 8 + 4;

    public OutboxEntry {
        settings = List.copyOf(settings);
        steps = List.copyOf(steps);
    }

    /**
     * One statement.
     *
     * @param values its bound values, as {@code BoundValues} encodes them
     */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    public record Step(String sql, byte[] values) {}

    /** Its statements, for people. */
    public String text() {
        return shortened(steps.stream().map(Step::sql).collect(Collectors.joining("; ")));
    }

    /** Their values as SQL literals, for people. */
    public String parameters() {
        return shortened(
                steps.stream().map(step -> BoundValues.text(step.values)).collect(Collectors.joining("; ")));
    }

    private static String shortened(String text) {
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "…";
    }

    /** As it is kept. */
    public byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            out.writeLong(acceptedAt.getEpochSecond());
            out.writeInt(acceptedAt.getNano());
            out.writeInt(shard);
            out.writeLong(session);
            out.writeLong(epoch);
            out.writeInt(settings.size());
            for (String setting : settings) {
                write(out, setting.getBytes(StandardCharsets.UTF_8));
            }
            out.writeInt(steps.size());
            for (Step step : steps) {
                write(out, step.sql.getBytes(StandardCharsets.UTF_8));
                write(out, step.values);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /**
     * Reads what {@link #encode} gave.
     *
     * @throws IllegalStateException for any other bytes
     */
    public static OutboxEntry decode(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            byte format = in.readByte();
            if (format < FORMAT_WITHOUT_SHARD || format > FORMAT) {
                throw new IllegalStateException("outbox entry of format " + format + ", this library reads up to "
                        + FORMAT + "; use the newer library");
            }
            Instant acceptedAt = Instant.ofEpochSecond(in.readLong(), in.readInt());
            int shard = format == FORMAT_WITHOUT_SHARD ? 0 : in.readInt();
            long session = in.readLong();
            long epoch = format <= FORMAT_WITHOUT_EPOCH ? 0 : in.readLong();
            List<String> settings = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                settings.add(new String(read(in), StandardCharsets.UTF_8));
            }
            List<Step> steps = new ArrayList<>(1);
            for (int left = in.readInt(); left > 0; left--) {
                steps.add(new Step(new String(read(in), StandardCharsets.UTF_8), read(in)));
            }
            return new OutboxEntry(shard, acceptedAt, session, epoch, settings, steps);
        } catch (IOException e) {
            throw new IllegalStateException("an outbox entry that ends too early", e);
        }
    }

    /** When an encoded entry was accepted; cheaper than decoding it. */
    static Instant acceptedAt(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes, 1, SHARD_AT - 1);
        return Instant.ofEpochSecond(in.getLong(), in.getInt());
    }

    /** In which shard an encoded entry is executed; cheaper than decoding it. */
    static int shard(byte[] bytes) {
        return bytes[0] == FORMAT_WITHOUT_SHARD ? 0 : ByteBuffer.wrap(bytes).getInt(SHARD_AT);
    }

    private static void write(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static byte[] read(DataInputStream in) throws IOException {
        int length = in.readInt();
        byte[] bytes = in.readNBytes(Math.max(0, length));
        if (bytes.length != length) {
            throw new IllegalStateException("an outbox entry that ends too early");
        }
        return bytes;
    }
}
