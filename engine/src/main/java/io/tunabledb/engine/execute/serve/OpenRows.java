package io.tunabledb.engine.execute.serve;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.h2.codec.PageWriter;
import io.tunabledb.engine.message.ReadMessage.Page;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The results of one reader that are not read to their end. Storage has each of them whole, as of its statement: what is applied
 * or defined between two pages does not change it, and where storage itself is closed or replaced the rest is gone and whoever
 * asks for it is told so. By one thread at a time.
 */
final class OpenRows {
    private static final Logger LOG = LoggerFactory.getLogger(OpenRows.class);
    /** A row more than that goes with them. */
    private static final int PAGE_BYTES = 1 << 16;

    private final Limit limit;
    private final Map<Long, Open> open = new HashMap<>();

    OpenRows(Limit limit) {
        this.limit = limit;
    }

    /**
     * How many a node holds, for all sessions.
     *
     * @param most at most
     */
    record Limit(int most, AtomicInteger held) {
        static Limit of(int most) {
            return new Limit(most, new AtomicInteger());
        }

        private void take() throws SQLException {
            int now = held.incrementAndGet();
            if (now > most) {
                held.decrementAndGet();
                throw Errors.of(
                        SqlState.OVER_LIMIT,
                        "the node holds " + most + " results that are not read to their end, and no more: read them to"
                                + " the end or close them");
            }
        }
    }

    /** One of them, and the page that was written last: its answer may have been lost. */
    private static final class Open {
        private final ResultSet rows;
        private final PageWriter writer;
        private int page;
        private Page last;

        Open(ResultSet rows, PageWriter writer, Page first) {
            this.rows = rows;
            this.writer = writer;
            this.last = first;
        }
    }

    /** The first page of a result; keeps what does not go into it, under a number that is no other's. */
    Page open(ResultSet rows, long number) throws SQLException {
        boolean isKept = false;
        try {
            PageWriter writer = new PageWriter(rows);
            Page first = page(writer);
            if (!first.isLast()) {
                limit.take();
                open.put(number, new Open(rows, writer, first));
                isKept = true;
            }
            return first;
        } finally {
            if (!isKept) {
                rows.close();
            }
        }
    }

    private static Page page(PageWriter writer) throws SQLException {
        byte[] bytes = writer.next(PAGE_BYTES);
        return new Page(bytes, writer.isAtEnd());
    }

    /**
     * A page of a result; null when there is no such result here.
     *
     * @param page the one after that which was given last, or that one again
     */
    @Nullable
    Page next(long number, int page) throws SQLException {
        Open one = open.get(number);
        if (one == null) {
            return null;
        }
        if (page == one.page + 1) {
            boolean isRead = false;
            try {
                one.last = page(one.writer);
                one.page = page;
                isRead = true;
            } finally {
                if (!isRead) {
                    close(number);
                }
            }
        } else if (page != one.page) {
            throw new IllegalStateException("page " + page + " after page " + one.page);
        }
        return one.last;
    }

    boolean isEmpty() {
        return open.isEmpty();
    }

    /** Lets go of one. */
    void close(long number) {
        Open one = open.remove(number);
        if (one == null) {
            return;
        }
        limit.held.decrementAndGet();
        try {
            one.rows.close();
        } catch (SQLException e) {
            LOG.trace("its storage has closed it already", e);
        }
    }

    /** Lets go of all. */
    void closeAll() {
        for (Long number : open.keySet().toArray(Long[]::new)) {
            close(number);
        }
    }
}
