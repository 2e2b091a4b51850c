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
    /** Cancels what another node reads for the session; null while none does. */
    private volatile @Nullable Runnable elsewhere;
    /** Cancels what runs in storage beside the reader. */
    private volatile Runnable others = () -> {};

    /** The reader whose statement runs from now on. */
    void activate(@Nullable Reader reader) {
        active = reader;
    }

    /** What another node reads from now on; null: nothing. */
    void elsewhere(@Nullable Runnable cancel) {
        elsewhere = cancel;
    }

    void others(Runnable cancel) {
        others = cancel;
    }

    void cancel() {
        Reader reader = active;
        Runnable other = elsewhere;
        try {
            if (other != null) {
                other.run();
            }
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
