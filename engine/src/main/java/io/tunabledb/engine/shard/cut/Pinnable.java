package io.tunabledb.engine.shard.cut;

import io.tunabledb.engine.shard.Reader;
import java.sql.SQLException;

/** What can see a replica as it is at one moment, from then on: a {@link Reader}, or a transaction before its first statement. */
public interface Pinnable {

    /** Fixes what it sees, of every table, before it returns. By the apply thread, between two entries, or by the owner. */
    void pinNow() throws SQLException;

    /** Lets go of that. By the owner. */
    void unpin() throws SQLException;

    /** It is not pinned and never will be: gives back what was reserved for that. By the owner. */
    void releaseUnpinned();
}
