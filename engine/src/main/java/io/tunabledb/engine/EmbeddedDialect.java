package io.tunabledb.engine;

import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.client.Dialect;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.NClob;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLXML;
import java.sql.Statement;

/** H2's answers, which any replica's storage gives. */
record EmbeddedDialect(EmbeddedSession session) implements Dialect {

    @Override
    public String nativeSql(String text) throws SQLException {
        return session.scratch().nativeSQL(text);
    }

    @Override
    public String enquoteIdentifier(String identifier, boolean alwaysQuote) throws SQLException {
        try (Statement any = session.scratch().createStatement()) {
            return any.enquoteIdentifier(identifier, alwaysQuote);
        }
    }

    @Override
    public boolean isSimpleIdentifier(String identifier) throws SQLException {
        try (Statement any = session.scratch().createStatement()) {
            return any.isSimpleIdentifier(identifier);
        }
    }

    @Override
    public String catalog() throws SQLException {
        return session.scratch().getCatalog();
    }

    @Override
    public Clob createClob() throws SQLException {
        return session.scratch().createClob();
    }

    @Override
    public Blob createBlob() throws SQLException {
        return session.scratch().createBlob();
    }

    @Override
    public NClob createNClob() throws SQLException {
        return session.scratch().createNClob();
    }

    @Override
    public SQLXML createSqlXml() throws SQLException {
        return session.scratch().createSQLXML();
    }

    @Override
    public Array createArrayOf(String typeName, Object[] elements) throws SQLException {
        return session.scratch().createArrayOf(typeName, elements);
    }

    @Override
    public void requireConvertible(Parameters value) throws SQLException {
        try (PreparedStatement statement = session.scratch().prepareStatement("VALUES (?)")) {
            value.bind(statement);
        }
    }

    /** Its statement stays open, as its rows do: it goes with the storage connection. */
    @Override
    public ResultSet noKeys() throws SQLException {
        return session.scratch().createStatement().getGeneratedKeys();
    }
}
