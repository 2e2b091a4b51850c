package io.tunabledb.engine.ratis.files;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of an open log segment that a power failure left half written. Ratis takes an entry that does not match its
 * checksum for damage and does not start; that is right while others can rebuild the replica, because a damaged entry
 * may have been acknowledged. When a majority is torn at once, the power failed under all of them, and what was not
 * synced was not acknowledged. An entry that is not whole while others behind it are is no torn end: those behind it may
 * have been acknowledged, so nothing is cut.
 *
 * <p>A segment is a header of 8 bytes, then entries: length as a varint, content, CRC32C of both; then zeros.
 */
public final class TornTail {
    private static final Logger LOG = LoggerFactory.getLogger(TornTail.class);
    private static final int HEADER_BYTES = 8;
    private static final int CHECKSUM_BYTES = 4;
    private static final byte TERM_TAG = 1 << 3;
    private static final byte INDEX_TAG = 2 << 3;

    private TornTail() {}

    /**
     * Cuts what follows the last whole entry of the open segments of a stopped node.
     *
     * @return whether anything was cut
     * @throws IOException when whole entries follow one that is not: what that is, where, and that nothing was cut there
     */
    public static boolean cut(Path node) throws IOException {
        boolean any = false;
        for (Path shard : list(node)) {
            Path current = shard.resolve("current");
            for (Path file : Files.isDirectory(current) ? list(current) : List.<Path>of()) {
                if (file.getFileName().toString().startsWith("log_inprogress_")) {
                    any |= cutFile(file);
                }
            }
        }
        return any;
    }

    /**
     * The index of the last whole entry of an open segment, as Ratis counts; -1 when its first is not whole.
     *
     * @return {@link Long#MAX_VALUE} when whole entries follow one that is not
     */
    static long lastIndex(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        long last = -1;
        int at = HEADER_BYTES;
        int end;
        while ((end = endIfWhole(bytes, at)) > 0) {
            last = index(bytes, at);
            at = end;
        }
        for (int rest = at + 1; rest < bytes.length; rest++) {
            if (isWholeAt(bytes, rest)) {
                return Long.MAX_VALUE;
            }
        }
        return last;
    }

    /** The highest term of the whole entries that a segment begins with; 0 when its first is not whole. */
    static long lastTerm(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        long last = 0;
        int at = HEADER_BYTES;
        int end;
        while ((end = endIfWhole(bytes, at)) > 0) {
            last = Math.max(last, term(bytes, at));
            at = end;
        }
        return last;
    }

    /** Of a whole entry. */
    private static long term(byte[] bytes, int entry) {
        int at = entry;
        while (bytes[at++] < 0) {
            // its length
        }
        long term = 0;
        int shift = 0;
        do {
            term |= (long) (bytes[++at] & 0x7f) << shift;
            shift += 7;
        } while (bytes[at] < 0);
        return term;
    }

    /** Where the entry that begins at a place ends; 0 when it is not whole. */
    private static int endIfWhole(byte[] bytes, int at) {
        long length = 0;
        int next = at;
        for (int shift = 0; ; shift += 7) {
            if (next >= bytes.length || shift > 28) {
                return 0;
            }
            length |= (long) (bytes[next] & 0x7f) << shift;
            if (bytes[next++] >= 0) {
                break;
            }
        }
        if (length == 0 || length + CHECKSUM_BYTES > bytes.length - next) {
            return 0;
        }
        int end = next + (int) length;
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, at, end - at);
        boolean isWhole = ByteBuffer.wrap(bytes, end, CHECKSUM_BYTES).getInt() == (int) checksum.getValue();
        return isWhole ? end + CHECKSUM_BYTES : 0;
    }

    /** Of a whole entry: its length, then its term, then its index, which is left out when it is 0. */
    private static long index(byte[] bytes, int entry) {
        int at = entry;
        while (bytes[at++] < 0) {
            // its length
        }
        at++;
        while (bytes[at++] < 0) {
            // its term
        }
        long index = 0;
        if (bytes[at] == INDEX_TAG) {
            int shift = 0;
            do {
                index |= (long) (bytes[++at] & 0x7f) << shift;
                shift += 7;
            } while (bytes[at] < 0);
        }
        return index;
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> content = Files.list(folder)) {
            return content.toList();
        }
    }

    private static boolean cutFile(Path file) throws IOException {
        long whole = HEADER_BYTES;
        boolean torn = false;
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
            in.skipNBytes(HEADER_BYTES);
            long entry;
            while ((entry = wholeEntry(in, Files.size(file) - whole)) > 0) {
                whole += entry;
            }
            torn = entry < 0;
        } catch (EOFException e) {
            // Ratis itself drops an entry the file ends in
            LOG.debug("{} ends within an entry", file, e);
        }
        if (torn) {
            requireNothingBehind(file, whole);
            LOG.warn("{} is torn: cut from {} to {} bytes", file, Files.size(file), whole);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(whole);
                channel.force(true);
            }
        }
        return torn;
    }

    private static void requireNothingBehind(Path file, long whole) throws IOException {
        byte[] rest = rest(file, whole);
        for (int at = 1; at < rest.length; at++) {
            if (isWholeAt(rest, at)) {
                throw new IOException(file + " is damaged at byte " + whole + ", and whole entries follow at byte "
                        + (whole + at)
                        + ", which may have been acknowledged: it is not the end that a power failure left"
                        + " half written, and nothing was cut; restore the node's folder from a backup, or open the"
                        + " database where a majority of its folders is whole");
            }
        }
    }

    private static byte[] rest(Path file, long from) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            in.skipNBytes(from);
            return in.readAllBytes();
        }
    }

    /** An entry begins with its term and its index: few places look so, and a checksum is computed only there. */
    private static boolean isWholeAt(byte[] bytes, int at) {
        long length = 0;
        int next = at;
        int shift = 0;
        do {
            if (next == bytes.length || shift > 28) {
                return false;
            }
            length |= (long) (bytes[next] & 0x7f) << shift;
            shift += 7;
        } while ((bytes[next++] & 0x80) != 0);
        if (length < 2 || length + CHECKSUM_BYTES > bytes.length - next || bytes[next] != TERM_TAG) {
            return false;
        }
        int index = next + 1;
        while (index < bytes.length - 1 && (bytes[index] & 0x80) != 0) {
            index++;
        }
        if (bytes[index + 1] != INDEX_TAG) {
            return false;
        }
        int end = next + (int) length;
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, at, end - at);
        return ByteBuffer.wrap(bytes, end, CHECKSUM_BYTES).getInt() == (int) checksum.getValue();
    }

    /** The bytes of the next entry, 0 at the end of the log, -1 when it is not whole. */
    private static long wholeEntry(DataInputStream in, long atMost) throws IOException {
        CRC32C checksum = new CRC32C();
        long length = 0;
        int bytes = 0;
        int next;
        do {
            next = in.read();
            if (bytes == 0 && next <= 0) {
                return onlyZeros(in) ? 0 : -1;
            }
            if (next < 0) {
                throw new EOFException();
            }
            length |= (long) (next & 0x7f) << (7 * bytes++);
            checksum.update(next);
        } while ((next & 0x80) != 0 && bytes < 5);
        if (length <= 0 || length + bytes + CHECKSUM_BYTES > atMost) {
            return -1;
        }
        checksum.update(in.readNBytes((int) length));
        return in.readInt() == (int) checksum.getValue() ? bytes + length + CHECKSUM_BYTES : -1;
    }

    private static boolean onlyZeros(InputStream in) throws IOException {
        int next;
        do {
            next = in.read();
        } while (next == 0);
        return next < 0;
    }
}
