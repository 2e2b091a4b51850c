package io.tunabledb.engine.h2.statement;

import io.tunabledb.engine.h2.codec.BoundValues;
import io.tunabledb.engine.h2.internals.H2Instance;
import io.tunabledb.engine.h2.internals.H2Tree;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import org.h2.command.CommandInterface;
import org.h2.command.Prepared;
import org.h2.engine.Constants;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.message.DbException;
import org.jspecify.annotations.Nullable;

/** What of a storage session says what a text means: which words are names, whose names they are, and which types. */
public final class SessionNames {
    /** The settings that do, by the names under which they are SET. */
    private static final Set<String> SETTINGS = Set.of(
            "NON_KEYWORDS",
            "SCHEMA",
            "SCHEMA_SEARCH_PATH",
            "SEARCH_PATH",
            "TRUNCATE_LARGE_LENGTH",
            "USE",
            "VARIABLE_BINARY");

    private SessionNames() {}

    /** Whether a setting is one of them. */
    public static boolean has(String setting) {
        return SETTINGS.contains(setting);
    }

    /** That of one session at one moment. */
    public record Kept(
            String schema,
            @Nullable List<String> searchPath,
            @Nullable BitSet nonKeywords,
            boolean truncatesLargeLength,
            boolean hasVariableBinary) {
        /** A new session's. */
        public static final Kept FRESH = new Kept(Constants.SCHEMA_MAIN, null, null, false, false);

        /** A session's now. By its owner. */
        public static Kept of(Connection connection) throws SQLException {
            SessionLocal session = session(connection);
            String[] path = session.getSchemaSearchPath();
            return new Kept(
                    session.getCurrentSchemaName(),
                    path == null ? null : List.of(path),
                    session.getNonKeywords(),
                    session.isTruncateLargeLength(),
                    session.isVariableBinary());
        }

        /**
         * Gives a session this. By its owner. Unlike a SET it makes no session compile anything anew.
         *
         * @throws SQLException 90079: the schema is dropped
         */
        public void putInto(Connection connection) throws SQLException {
            SessionLocal session = session(connection);
            List<String> path = searchPath;
            session.lock();
            try {
                session.setCurrentSchemaName(schema);
                session.setSchemaSearchPath(path == null ? null : path.toArray(String[]::new));
                session.setNonKeywords(nonKeywords);
                session.setTruncateLargeLength(truncatesLargeLength);
                session.setVariableBinary(hasVariableBinary);
            } catch (DbException e) {
                throw DbException.toSQLException(e);
            } finally {
                session.unlock();
            }
        }
    }

    private static SessionLocal session(Connection connection) throws SQLException {
        return H2Instance.session(connection.unwrap(JdbcConnection.class));
    }

    /** How often what names mean has changed in a storage: a definition, or any session's SET. */
    public static long changes(Connection connection) throws SQLException {
        return session(connection).getDatabase().getModificationMetaId();
    }

    /** H2 doesn't compile it again, whatever names mean by then. */
    public static void keepCompiled(PreparedStatement statement) throws SQLException {
        CommandInterface command = BoundValues.command(statement);
        Prepared prepared = H2Tree.PREPARED.isPartOf(command) ? H2Tree.PREPARED.of(command, Prepared.class) : null;
        if (prepared != null) {
            H2Tree.COMPILED_AT.set(prepared, Long.MAX_VALUE);
        }
    }
}
