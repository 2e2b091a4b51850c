package io.tunabledb.engine.execute.session;

import io.tunabledb.engine.shard.Reader;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a session runs in storage now, for {@link Underway} to cancel, from any thread. */
final class RunningReads {
    private static final Logger LOG = LoggerFactory.getLogger(RunningReads.class);

    private volatile @Nullable Reader active;
    /** Cancels what runs in storage beside the reader. */
    private volatile Runnable others = () -> {};

    /** The reader whose statement runs from now on. */
    void activate(@Nullable Reader reader) {
        active = reader;
    }

    void others(Runnable cancel) {
        others = cancel;
    }

    void cancel() {
        Reader reader = active;
        try {
            if (reader != null) {
                reader.cancel();
            }
        } catch (SQLException e) {
            LOG.trace("it ended by itself meanwhile", e);
        } finally {
            others.run();
        }
    }
}
