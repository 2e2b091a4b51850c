package io.tunabledb.jdbc.session;

import java.sql.SQLException;

/** A statement as its session knows it, which ends it when the session ends. */
public interface OpenStatement extends AutoCloseable {

    /** Makes what runs in it fail soon, if anything does. From any thread. */
    void cancelRunning();

    @Override
    void close() throws SQLException;
}
