package io.tunabledb.engine.message;

import io.tunabledb.consistency.Level;
import io.tunabledb.engine.api.StatementOptions;
import io.tunabledb.engine.h2.codec.CarriedError;
import io.tunabledb.engine.log.LogStatus;
import io.tunabledb.engine.plan.PlannedPlaces;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads of a session that sits at another node than the replica. All but {@link Execute} can be asked again without harm; that one
 * can be, too, but gives another result.
 */
public sealed interface ReadMessage<A> extends Message<A> {

    /** A session's side of a shard at the node that is asked: it reads one thing at a time there. */
    record Side(long session, int shard) {}

    /**
     * A statement to be read.
     *
     * @param query a number that stands for the text in its session: the same text prepared twice has two
     * @param values as {@link io.tunabledb.engine.h2.codec.BoundValues} writes them
     * @param settings the session's SET statements and its user, as {@link io.tunabledb.engine.h2.statement.ClientUser} carries him
     * @param tables {@code SCHEMA.TABLE}, with those behind views
     * @param sharesTime whether its clock stands still between statements, at {@code time} if one has asked for it already
     */
    record Statement(
            long query,
            String sql,
            StatementOptions options,
            long maxRows,
            int timeoutSeconds,
            byte[] values,
            List<String> settings,
            List<String> tables,
            boolean sharesTime,
            @Nullable Instant time) {}

    /** Which snapshot of the replica a read sees. */
    enum Snapshot {
        /** One of its own. */
        OWN,
        /** One of its own, which stays for later reads until {@link Unpin}. */
        KEEP,
        /** The one that was kept. */
        KEPT
    }

    /**
     * How it is to be served.
     *
     * @param condition what the replica must meet before; nothing when the snapshot is one that was kept
     * @param maxStaleness how old the rows may be when they are read; null: that does not matter
     * @param isAudited whether what else the rows' snapshot has is to be told
     * @param forCondition how long the replica may take to meet the condition
     * @param within how long a schema change may keep the statement out
     */
    record Terms(
            Level level,
            Condition condition,
            @Nullable Duration maxStaleness,
            Snapshot snapshot,
            PlannedPlaces places,
            boolean isAudited,
            Duration forCondition,
            Duration within) {}

    /**
     * Reads. Whatever the session has asked before on this side it waits for no longer.
     *
     * @param number higher than all of this side before; a {@link Cancel} names it
     */
    record Execute(Side by, long number, Statement statement, Terms terms) implements ReadMessage<Answer> {
        /** A query without a time-out may run for as long as its user waits: he ends it by a {@link Cancel}. */
        private static final Duration NO_TIMEOUT = Duration.ofDays(1);

        @Override
        public Duration within() {
            int seconds = statement.timeoutSeconds();
            return terms.within().plus(seconds == 0 ? NO_TIMEOUT : Duration.ofSeconds(seconds));
        }
    }

    /**
     * The next rows of a result that was not answered whole; asked again it is the same page.
     *
     * @param number of the {@link Execute} that gave it
     * @param page from 1; the answer to that had the first, 0
     */
    record NextPage(Side by, long number, int page) implements ReadMessage<Page> {}

    /** Lets go of the rest of the result of an {@link Execute}. */
    record CloseRows(Side by, long number) implements ReadMessage<Nothing> {}

    /** Lets go of a snapshot that was kept. */
    record Unpin(Side by) implements ReadMessage<Nothing> {}

    /** Ends what is being read, wherever it is. One that comes before its {@link Execute} does nothing: it is sent until that ends. */
    record Cancel(Side by, long number) implements ReadMessage<Nothing> {}

    /** The session reads there no more. */
    record Leave(long session) implements ReadMessage<Nothing> {}

    /**
     * Some rows of a result, as {@link io.tunabledb.engine.h2.codec.PageWriter} writes them.
     *
     * @param isLast whether there are no more, and nothing has to be closed
     */
    record Page(byte[] bytes, boolean isLast) {}

    /** What a read came to. */
    sealed interface Answer {

        /**
         * Rows.
         *
         * @param first page of them
         * @param seen at least the last index they may show
         * @param epoch of the last entry applied when they were there
         * @param stalenessNanos {@link Long#MAX_VALUE} when the replica held no lease
         * @param waitedNanos how long the read waited at the replica
         * @param newestSeen of the newest entry that changed rows in their snapshot; 0 when it was not asked for
         * @param role of the replica then
         * @param time what its clock said, if it was asked
         */
        record Rows(
                Page first,
                long seen,
                long epoch,
                long stalenessNanos,
                long waitedNanos,
                long newestSeen,
                LogStatus role,
                @Nullable Instant time)
                implements Answer {}

        /**
         * The condition was not met in time, or no longer when the rows would have been read.
         *
         * @param unconfirmed why no majority confirmed a read index; null when one did, or none was needed
         */
        record NotMet(@Nullable String unconfirmed, long epoch) implements Answer {}

        /** The replica stopped meanwhile, or can't be read. */
        record Gone(String why) implements Answer {}

        /** A table is elsewhere than the statement was planned for. */
        record Moved(String what, long epoch) implements Answer {}

        /** It was cancelled while it waited. */
        record Cancelled() implements Answer {}

        /** It failed; that may tell of what the replica has, too. */
        record Failed(CarriedError error, long epoch) implements Answer {}
    }
}
