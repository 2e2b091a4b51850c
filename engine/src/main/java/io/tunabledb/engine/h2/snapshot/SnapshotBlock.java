package io.tunabledb.engine.h2.snapshot;

import io.tunabledb.engine.codec.ByteSink;
import io.tunabledb.engine.codec.ByteSource;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.zip.CRC32C;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * The frame of a snapshot file.
 *
 * <pre>
 * magic, then blocks: kind (1 byte), raw length (4), packed length (4), CRC-32C of all that and the payload (4), payload
 * </pre>
 *
 * <p>Payloads are deflated. The last block is of kind {@link #END} and holds the number of blocks before it and the
 * CRC-32C of all their checksums, so a file that was cut between two blocks, or put together from two files, is found
 * out too.
 */
final class SnapshotBlock {
    static final int HEADER = 1;
    static final int ROWS = 2;
    static final int TAIL = 3;
    static final int END = 4;

    private static final long MAGIC = 0x54554e41534e4150L; // TUNASNAP

    private SnapshotBlock() {}

    private static int checksum(int kind, int rawLength, byte[] packed, int length) {
        CRC32C crc = new CRC32C();
        crc.update(new ByteSink(16).put(kind).putInt(rawLength).putInt(length).toByteArray());
        crc.update(packed, 0, length);
        return (int) crc.getValue();
    }

    private static void digest(CRC32C all, int checksum) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            all.update(checksum >>> shift);
        }
    }

    /** Writes blocks. */
    static final class Writer implements AutoCloseable {
        private final DataOutputStream out;
        private final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
        private final CRC32C all = new CRC32C();
        private byte[] packed = new byte[1 << 16];
        private int blocks;

        Writer(OutputStream out) throws IOException {
            this.out = new DataOutputStream(out);
            this.out.writeLong(MAGIC);
        }

        void write(int kind, ByteSink raw) throws IOException {
            deflater.reset();
            deflater.setInput(raw.array(), 0, raw.size());
            deflater.finish();
            int length = 0;
            while (!deflater.finished()) {
                if (length == packed.length) {
                    packed = Arrays.copyOf(packed, packed.length * 2);
                }
                length += deflater.deflate(packed, length, packed.length - length);
            }
            int checksum = checksum(kind, raw.size(), packed, length);
            out.writeByte(kind);
            out.writeInt(raw.size());
            out.writeInt(length);
            out.writeInt(checksum);
            out.write(packed, 0, length);
            digest(all, checksum);
            blocks++;
        }

        void end() throws IOException {
            ByteSink sink = new ByteSink(16).putInt(blocks).putInt((int) all.getValue());
            write(END, sink);
            out.flush();
        }

        /** Frees the deflater; the stream stays open. */
        @Override
        public void close() {
            deflater.end();
        }
    }

    /** Reads blocks. */
    static final class Reader implements AutoCloseable {
        private static final int MAX_LENGTH = Integer.MAX_VALUE - 16;

        private final DataInputStream in;
        private final Inflater inflater = new Inflater(true);
        private final CRC32C all = new CRC32C();
        private byte[] packed = new byte[1 << 16];
        private byte[] raw = new byte[1 << 18];
        private int rawLength;
        private int blocks;

        Reader(InputStream in) throws IOException {
            this.in = new DataInputStream(in);
            if (readLong() != MAGIC) {
                throw new CorruptSnapshotException("not a snapshot: it begins otherwise");
            }
        }

        private long readLong() throws IOException {
            try {
                return in.readLong();
            } catch (EOFException e) {
                throw new CorruptSnapshotException("a snapshot of less than 8 bytes", e);
            }
        }

        /** Goes to the next block and checks it; returns its kind. */
        int next() throws IOException {
            try {
                int kind = in.readByte();
                rawLength = in.readInt();
                int length = in.readInt();
                int checksum = in.readInt();
                if (rawLength < 0 || rawLength > MAX_LENGTH || length < 0 || length > MAX_LENGTH) {
                    throw new CorruptSnapshotException("block " + blocks + " claims to be " + rawLength + " bytes");
                }
                readPacked(length);
                if (checksum(kind, rawLength, packed, length) != checksum) {
                    throw new CorruptSnapshotException("block " + blocks + " does not match its checksum");
                }
                unpack(length);
                if (kind == END) {
                    end();
                } else {
                    digest(all, checksum);
                    blocks++;
                }
                return kind;
            } catch (EOFException e) {
                throw new CorruptSnapshotException("the snapshot ends within or after block " + blocks, e);
            }
        }

        /** Grows with what is really there, not with what a damaged length claims. */
        private void readPacked(int length) throws IOException {
            int done = 0;
            while (done < length) {
                if (done == packed.length) {
                    packed = Arrays.copyOf(packed, (int) Math.min(length, packed.length * 2L));
                }
                int read = in.read(packed, done, Math.min(length, packed.length) - done);
                if (read < 0) {
                    throw new EOFException();
                }
                done += read;
            }
        }

        private void unpack(int length) throws IOException {
            if (raw.length < rawLength) {
                raw = new byte[rawLength];
            }
            inflater.reset();
            inflater.setInput(packed, 0, length);
            try {
                int done = 0;
                while (done < rawLength) {
                    int more = inflater.inflate(raw, done, rawLength - done);
                    if (more == 0 && (inflater.finished() || inflater.needsInput())) {
                        throw new CorruptSnapshotException("block " + blocks + " is shorter than it says");
                    }
                    done += more;
                }
            } catch (DataFormatException e) {
                throw new CorruptSnapshotException("block " + blocks + " can't be unpacked", e);
            }
        }

        private void end() throws CorruptSnapshotException {
            ByteSource end = content();
            if (end.getInt() != blocks || end.getInt() != (int) all.getValue()) {
                throw new CorruptSnapshotException("the snapshot's blocks don't belong together");
            }
        }

        /** The current block's content; valid until the next. */
        ByteSource content() {
            return new ByteSource(raw, 0, rawLength);
        }

        /** Frees the inflater; the stream stays open. */
        @Override
        public void close() {
            inflater.end();
        }
    }
}
