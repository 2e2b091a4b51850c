package io.tunabledb.engine.node;

import io.tunabledb.engine.shard.log.EntryFailedException;
import io.tunabledb.engine.url.EntryName;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a database without one entry of its log, because the operator asked for exactly that one and no majority can apply it.
 *
 * <p>Whether it has to be is found out by opening the database as it is: only what then stops a majority is left out. The
 * record is written before any replica lets the entry go by, and holds for every later start, so replicas that replay the
 * log once more, or are rebuilt from it, do the same. A replica that has applied the entry would differ; it is rebuilt.
 */
public final class LeavingOut {
    private static final Logger LOG = LoggerFactory.getLogger(LeavingOut.class);

    private final EntryName asked;
    private final Open open;
    private final Start start;
    private final Duration patience;

    /**
     * What a database is opened without, and how.
     *
     * @param patience how long nothing may move meanwhile
     */
    public LeavingOut(EntryName asked, Open open, Start start, Duration patience) {
        this.asked = asked;
        this.open = open;
        this.start = start;
        this.patience = patience;
    }

    /** Opens the database's directory, which a failed start has closed. */
    @FunctionalInterface
    public interface Open {
        DatabaseDirectory again() throws IOException, SQLException;
    }

    /** Starts the nodes; closes the directory when that fails. */
    @FunctionalInterface
    public interface Start {
        Nodes in(DatabaseDirectory directory) throws IOException;
    }

    /** There is no need to leave the entry out, or another one is in the way; nothing was changed. */
    public static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1L;

        RefusedException(String message) {
            super(message);
        }
    }

    /**
     * Starts the nodes without the entry.
     *
     * @throws RefusedException when it is not the one that is in the way
     */
    public Nodes from(DatabaseDirectory directory) throws IOException, SQLException {
        UnappliableEntryException stopped = attempt(directory);
        if (stopped == null) {
            throw new RefusedException(unneeded(directory));
        }
        EntryFailedException failure = stopped.failure();
        EntryName found = new EntryName(failure.shard(), failure.at().index());
        if (!found.equals(asked)) {
            throw new RefusedException(
                    "skipEntry=" + asked + " does not name what is in the way: " + stopped.getMessage());
        }
        DatabaseDirectory again = open.again();
        try {
            leaveOut(again, stopped);
        } catch (IOException | RuntimeException e) {
            again.close();
            throw e;
        }
        return start.in(again);
    }

    /** What keeps the database from opening as it is; null when nothing does. */
    private @Nullable UnappliableEntryException attempt(DatabaseDirectory directory) throws IOException {
        try (Nodes nodes = start.in(directory)) {
            // a majority may stop a moment after there was a leader
            nodes.awaitApplicable(patience);
            return null;
        } catch (UnappliableEntryException e) {
            return e;
        }
    }

    private void leaveOut(DatabaseDirectory directory, UnappliableEntryException stopped) throws IOException {
        EntryFailedException failure = stopped.failure();
        SkippedEntry record = new SkippedEntry(
                asked,
                failure.at().term(),
                failure.entry(),
                String.valueOf(failure.getCause()),
                Instant.now().truncatedTo(ChronoUnit.MILLIS));
        directory.skip(record);
        LOG.warn("{}", record.reason());
        for (int node : stopped.ahead()) {
            LOG.warn(
                    "n{} has applied that entry and is rebuilt by the others; its folder is now {}",
                    node,
                    directory.setAside(node));
        }
    }

    private String unneeded(DatabaseDirectory directory) {
        Optional<SkippedEntry> before = directory.skipped().stream()
                .filter(record -> record.name().equals(asked))
                .findFirst();
        return "skipEntry=" + asked + ", but "
                + before.map(record -> "that entry is left out since " + record.since() + " already")
                        .orElse("no entry is in the way of opening the database")
                + "; take the property away";
    }
}
