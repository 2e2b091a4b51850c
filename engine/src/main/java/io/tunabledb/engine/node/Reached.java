package io.tunabledb.engine.node;

import io.tunabledb.engine.clock.Repeating;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far a database had come, written down about once a second beside its nodes' folders: for each shard the last index that
 * was applied somewhere, which a majority had on disk, and for each outbox how many writes it had acknowledged. When no log
 * reaches so far at the next start, what was acknowledged is missing in all that are left, and nothing in them shows it:
 * logs cut where an entry ends, or put back from an old copy, look whole, and an outbox that is gone looks like none.
 *
 * <p>It is evidence only: not synced, because it may lag; believed only when its checksum is right.
 */
final class Reached {
    private static final Logger LOG = LoggerFactory.getLogger(Reached.class);
    private static final long PAUSE_MILLIS = 1_000;

    /** Null for a database that is gone with its process. */
    private final @Nullable Path file;

    /** What it said when it was read. */
    private final State before;

    private @Nullable Consumer<State> look;
    private String written = "";

    /** What is written down; of one thread. */
    static final class State {
        private final Map<Integer, Long> indexes = new TreeMap<>();
        private final Map<Integer, Given> outboxes = new TreeMap<>();

        void applied(int shard, long index) {
            indexes.put(shard, index);
        }

        void acknowledged(int node, Given given) {
            outboxes.put(node, given);
        }

        private String text() {
            StringBuilder text = new StringBuilder();
            indexes.forEach((shard, index) -> text.append("shard ")
                    .append(shard)
                    .append(' ')
                    .append(index)
                    .append('\n'));
            outboxes.forEach((node, given) -> text.append("outbox ")
                    .append(node)
                    .append(' ')
                    .append(given.incarnation)
                    .append(' ')
                    .append(given.accepted)
                    .append('\n'));
            CRC32C checksum = new CRC32C();
            checksum.update(text.toString().getBytes(StandardCharsets.US_ASCII));
            return text + String.format(Locale.ROOT, "%08x\n", checksum.getValue());
        }

        private static State parse(String text) throws IOException {
            State state = new State();
            for (String line : text.split("\n", -1)) {
                String[] words = line.split(" ", -1);
                if (words[0].equals("shard")) {
                    state.applied(Integer.parseInt(words[1]), Long.parseLong(words[2]));
                } else if (words[0].equals("outbox")) {
                    state.acknowledged(
                            Integer.parseInt(words[1]), new Given(Long.parseLong(words[2]), Long.parseLong(words[3])));
                }
            }
            if (!text.equals(state.text())) {
                throw new IOException("its checksum is wrong");
            }
            return state;
        }
    }

    /** How many writes an outbox had acknowledged. */
    record Given(long incarnation, long accepted) {}

    private Reached(@Nullable Path file, State before) {
        this.file = file;
        this.before = before;
    }

    /** Of a database that nothing outlives. */
    static Reached nothing() {
        return new Reached(null, new State());
    }

    /** What the file says; nothing when it is not there, or is not whole. */
    static Reached read(Path file) {
        try {
            if (Files.isRegularFile(file)) {
                return new Reached(file, State.parse(Files.readString(file)));
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("{} can't be read; whether a log is shorter than it was is not known", file, e);
        }
        return new Reached(file, new State());
    }

    /**
     * Fails when no log of a shard reaches as far as the database had come.
     *
     * @param last the last index in any log that was opened
     */
    void require(int shard, long last) throws IOException {
        long reached = before.indexes.getOrDefault(shard, 0L);
        if (last < reached) {
            throw new IOException("all logs of shard " + shard + " that can be opened end at index " + last
                    + ", and index " + reached
                    + " had been applied before: acknowledged writes between are missing in all of them; restore "
                    + "the nodes' folders from a backup, or delete " + file
                    + " to open the database with what is left");
        }
    }

    /** What a node's outbox had acknowledged when the database ran last; null when it had none. */
    @Nullable
    Given outbox(int node) {
        return before.outboxes.get(node);
    }

    /**
     * Writes it down from now on, when it has changed.
     *
     * @param now tells how far it is
     */
    void begin(ScheduledExecutorService timer, Executor executor, Consumer<State> now) {
        look = now;
        if (file != null) {
            ScheduledFuture<?> unused = Repeating.off(timer, executor, PAUSE_MILLIS, this::write);
        }
    }

    /** Writes it down now. */
    synchronized void write() {
        Path to = file;
        Consumer<State> now = look;
        if (to == null || now == null) {
            return;
        }
        State state = new State();
        // a replica that was restarted may not be there yet
        before.indexes.forEach(state::applied);
        now.accept(state);
        String text = state.text();
        if (!text.equals(written)) {
            Path part = to.resolveSibling(to.getFileName() + ".part");
            try {
                Files.writeString(part, text);
                Files.move(part, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                written = text;
            } catch (IOException e) {
                LOG.debug("{} can't be written just now", to, e);
            }
        }
    }
}
