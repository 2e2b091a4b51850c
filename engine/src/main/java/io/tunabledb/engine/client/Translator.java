package io.tunabledb.engine.client;

import java.sql.SQLException;

/** What leaves storage, as the application gets it: failures with a SQLSTATE, values of classes that it can name. */
public interface Translator {

    /** The exception that the caller of JDBC gets; an error of its own statement passes. */
    SQLException translate(Throwable failure);

    /** The exception that the reader of rows gets; the client's own closing of them passes, too. */
    SQLException translateOfRows(SQLException failure);

    /**
     * The value, or where it is of a class of storage's own the same as one of the JDK's.
     *
     * @throws SQLException 22003 when none of those can hold it
     */
    Object value(Object value) throws SQLException;

    /**
     * The class of such values.
     *
     * @param className what storage says that it is
     * @param typeName the SQL type
     */
    String className(String className, String typeName);
}
