package io.tunabledb.engine.execute.read;

import io.tunabledb.engine.api.Result;
import java.sql.SQLException;

/** A snapshot of one shard that is held for later reads, by reference or at another node. */
interface Pinned {

    /** The index that reads of it show at most. */
    long index();

    /**
     * Reads it.
     *
     * @throws SQLException 40001: it is no longer there
     */
    Result read(Attempt attempt) throws SQLException;

    /** Lets go of it. */
    void unpin() throws SQLException;
}
