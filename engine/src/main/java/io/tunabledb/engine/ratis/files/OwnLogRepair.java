package io.tunabledb.engine.ratis.files;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done to the log of a node alone before it is opened, because nobody can rebuild it. What follows the last whole
 * entry of the open segment is a torn tail: the disk had not confirmed it, so nobody was told, and it is cut. A damaged
 * entry with whole ones after it was acknowledged: every whole entry is kept at its index, and what can't be read is
 * replaced by an entry that says so. Before either, the file is copied to {@value #ASIDE} beside the segments.
 *
 * <p>A segment is a header of 8 bytes, then entries: length as a varint, content, CRC32C of both; then zeros.
 */
public final class OwnLogRepair {
    static final String ASIDE = "damaged";

    private static final Logger LOG = LoggerFactory.getLogger(OwnLogRepair.class);
    private static final Pattern SEGMENT = Pattern.compile("log_(?:(\\d+)-(\\d+)|inprogress_(\\d+))");
    private static final byte[] HEADER = "RaftLog1".getBytes(StandardCharsets.US_ASCII);
    private static final int CHECKSUM_BYTES = 4;
    private static final int TERM_TAG = 1 << 3;
    private static final int INDEX_TAG = 2 << 3;
    /** An index further off is no index: a segment never has so many entries. */
    private static final long FARTHEST = 1 << 20;

    private static final long OPEN = -1;
    private static final int KEPT_TAILS = 4;

    private final Path file;
    private final byte[] bytes;
    private final long first;
    private final long last;
    private final byte[] replacement;

    private final ByteArrayOutputStream mended = new ByteArrayOutputStream();
    private long next;
    private long term = 1;
    private int replaced;

    private OwnLogRepair(Path file, long first, long last, byte[] replacement) throws IOException {
        this.file = file;
        this.bytes = Files.readAllBytes(file);
        this.first = first;
        this.last = last;
        this.replacement = replacement;
        this.next = first;
    }

    /** A whole entry: where it begins, how many bytes it has, and what it says of itself. */
    private record Whole(int from, int length, long term, long index) {}

    /**
     * Mends every segment of the groups in a folder.
     *
     * @param replacement what the state machine reads in place of an entry that can't be read
     */
    public static void mend(Path folder, byte[] replacement) throws IOException {
        for (Path group : list(folder)) {
            Path segments = group.resolve("current");
            for (Path file : Files.isDirectory(segments) ? list(segments) : List.<Path>of()) {
                Matcher name = SEGMENT.matcher(file.getFileName().toString());
                if (name.matches()) {
                    boolean isOpen = name.group(1) == null;
                    long first = Long.parseLong(isOpen ? name.group(3) : name.group(1));
                    long last = isOpen ? OPEN : Long.parseLong(name.group(2));
                    new OwnLogRepair(file, first, last, replacement).mend();
                }
            }
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> content = Files.list(folder)) {
            return content.sorted().toList();
        }
    }

    private void mend() throws IOException {
        mended.writeBytes(HEADER);
        boolean isHeaderWhole =
                bytes.length >= HEADER.length && Arrays.equals(HEADER, Arrays.copyOf(bytes, HEADER.length));
        if (!isHeaderWhole && isZerosFrom(0)) {
            // it was made as the power failed, or holds nothing: Ratis begins it anew
            return;
        }
        int tornAt = copyWhole();
        while (last != OPEN && next <= last) {
            replace(next + 1);
        }
        if (replaced > 0 || !isHeaderWhole) {
            Path copy = setAside("lost-");
            Path part = file.resolveSibling(file.getFileName() + ".part");
            Files.write(part, mended.toByteArray());
            force(part, StandardOpenOption.WRITE);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            force(file.resolveSibling("."), StandardOpenOption.READ);
            LOG.error(
                    "{} is damaged: {} of its entries from index {} on can't be read, the whole ones are kept; "
                            + "the file as it was found is {}",
                    file,
                    replaced,
                    first + 1,
                    copy);
        } else if (tornAt >= 0) {
            Path copy = setAside("");
            forgetOldTails();
            LOG.warn(
                    "{} is torn: cut from {} to {} bytes, nothing whole follows; the file as it was found is {}",
                    file,
                    bytes.length,
                    tornAt,
                    copy);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(tornAt);
                channel.force(true);
            }
        }
    }

    /** Copies every whole entry; gives where what is not whole begins after the last of them, -1 when nothing follows. */
    private int copyWhole() {
        int at = HEADER.length;
        while (at < bytes.length && !isZerosFrom(at)) {
            Whole found = wholeAt(at);
            int damagedAt = at;
            for (int from = at + 1; found == null && from < bytes.length; from++) {
                found = wholeAt(from);
            }
            if (found == null) {
                return damagedAt;
            }
            term = Math.max(term, found.term);
            replace(found.index);
            mended.write(bytes, found.from, found.length);
            next = found.index + 1;
            at = found.from + found.length;
        }
        return -1;
    }

    /** Puts replacements from the next index up to but without {@code index}. */
    private void replace(long index) {
        for (; next < index; next++) {
            byte[] content = LogEntryProto.newBuilder()
                    .setTerm(term)
                    .setIndex(next)
                    .setStateMachineLogEntry(StateMachineLogEntryProto.newBuilder()
                            .setClientId(ClientId.randomId().toByteString())
                            .setLogData(ByteString.copyFrom(replacement)))
                    .build()
                    .toByteArray();
            ByteBuffer entry = ByteBuffer.allocate(5 + content.length + CHECKSUM_BYTES);
            int length = content.length;
            for (; length > 0x7f; length >>>= 7) {
                entry.put((byte) ((length & 0x7f) | 0x80));
            }
            entry.put((byte) length).put(content);
            entry.putInt(checksum(entry.array(), 0, entry.position()));
            mended.write(entry.array(), 0, entry.position());
            replaced++;
        }
    }

    /** The whole entry that begins at a place and can follow here, or null. */
    private @Nullable Whole wholeAt(int from) {
        ByteBuffer in = ByteBuffer.wrap(bytes, from, bytes.length - from);
        long length = varint(in);
        int contentAt = in.position();
        if (length <= 0 || length > bytes.length - contentAt - CHECKSUM_BYTES || in.get() != TERM_TAG) {
            return null;
        }
        long itsTerm = varint(in);
        // a number that is 0 is left out
        long index =
                in.hasRemaining() && in.get(in.position()) == INDEX_TAG ? varint(in.position(in.position() + 1)) : 0;
        int end = contentAt + (int) length;
        boolean canFollow =
                itsTerm >= term && index >= next && index - next < FARTHEST && (last == OPEN || index <= last);
        return canFollow && in.position() <= end && in.getInt(end) == checksum(bytes, from, end - from)
                ? new Whole(from, end + CHECKSUM_BYTES - from, itsTerm, index)
                : null;
    }

    /** The next number, -1 when there is none. */
    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE - 1 && in.hasRemaining(); shift += 7) {
            byte next = in.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        return -1;
    }

    private boolean isZerosFrom(int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private static int checksum(byte[] content, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(content, from, length);
        return (int) crc.getValue();
    }

    private Path aside() {
        return file.resolveSibling("..").normalize().resolve(ASIDE);
    }

    private Path setAside(String prefix) throws IOException {
        Path aside =
                Files.createDirectories(file.resolveSibling("..").normalize().resolve(ASIDE));
        for (int number = 1; ; number++) {
            Path copy = aside.resolve(prefix + file.getFileName() + "." + number);
            if (!Files.exists(copy)) {
                Files.copy(file, copy);
                force(copy, StandardOpenOption.WRITE);
                return copy;
            }
        }
    }

    /** A tail is torn by every power failure; of the copies only the newest are of use. */
    private void forgetOldTails() throws IOException {
        List<Path> tails = list(aside()).stream()
                .filter(copy -> copy.getFileName().toString().startsWith("log_inprogress_"))
                .sorted(Comparator.comparing((Path copy) -> copy.toFile().lastModified())
                        .reversed())
                .toList();
        for (Path old : tails.subList(Math.min(KEPT_TAILS, tails.size()), tails.size())) {
            Files.deleteIfExists(old);
        }
    }

    private static void force(Path path, StandardOpenOption how) throws IOException {
        try (FileChannel channel = FileChannel.open(path, how)) {
            channel.force(true);
        }
    }
}
