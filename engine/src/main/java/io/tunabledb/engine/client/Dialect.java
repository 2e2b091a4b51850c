package io.tunabledb.engine.client;

import io.tunabledb.engine.api.Parameters;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.NClob;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLXML;

/** How SQL is written and what its values are: what needs no tables, so that any replica tells, at once. */
public interface Dialect {

    /** The text with JDBC's escapes translated, of the same length. */
    String nativeSql(String text) throws SQLException;

    /** As {@link java.sql.Statement#enquoteIdentifier} says. */
    String enquoteIdentifier(String identifier, boolean alwaysQuote) throws SQLException;

    /** As {@link java.sql.Statement#isSimpleIdentifier} says. */
    boolean isSimpleIdentifier(String identifier) throws SQLException;

    /** The name of the one catalog that a database has. */
    String catalog() throws SQLException;

    /** An empty one, to be filled. */
    Clob createClob() throws SQLException;

    /** An empty one, to be filled. */
    Blob createBlob() throws SQLException;

    /** An empty one, to be filled. */
    NClob createNClob() throws SQLException;

    /** An empty one, to be filled. */
    SQLXML createSqlXml() throws SQLException;

    /** As {@link java.sql.Connection#createArrayOf} says. */
    Array createArrayOf(String typeName, Object[] elements) throws SQLException;

    /**
     * Whether the one value of {@code value} can be of the type that its setter names.
     *
     * @throws SQLException H2's error when it can't; 08001 when no replica is in reach to tell
     */
    void requireConvertible(Parameters value) throws SQLException;

    /** Generated keys of what generated none: no rows, and as in H2 no columns. */
    ResultSet noKeys() throws SQLException;
}
