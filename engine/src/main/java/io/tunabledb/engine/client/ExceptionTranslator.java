package io.tunabledb.engine.client;

import java.sql.SQLException;

/** What a failure below becomes for the application: an error of its own statement passes, all else gets a SQLSTATE. */
public interface ExceptionTranslator {

    /** The exception that the caller of JDBC gets. */
    SQLException translate(Throwable failure);

    /** The exception that the reader of rows gets; the client's own closing of them passes. */
    SQLException translateOfRows(SQLException failure);
}
