package io.tunabledb.engine.h2.internals;

import io.tunabledb.engine.h2.sql.ReservedNames;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.schema.Schema;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An in-memory H2 database of its own name, its three users and their rights. */
public final class H2Instance implements AutoCloseable {

    /** Who a connection acts as. */
    public enum Role {
        /** May do everything. Used for definitions, for applying, and for the engine's own tables. */
        ADMIN,
        /** May select. */
        READER,
        /** May select, insert, update and delete. */
        WRITER
    }

    private static final Logger LOG = LoggerFactory.getLogger(H2Instance.class);
    private static final AtomicLong COUNTER = new AtomicLong();
    private static final SecureRandom RANDOM = new SecureRandom();

    private final String url;
    private final String password = new BigInteger(130, RANDOM).toString(36);
    private final Watchers watchers = new Watchers();
    private final JdbcConnection keeper;
    private final Database database;
    private final Set<Schema> granted = new HashSet<>();

    public H2Instance(String label, Compatibility compatibility) throws SQLException {
        // names are global in the JVM and the same label is open once per replica; what comes after the slash is the
        // catalog that users see, which must not tell replicas apart
        url = "jdbc:h2:mem:" + COUNTER.incrementAndGet() + "/" + label.replaceAll("[^A-Za-z0-9_-]", "_");
        // ANALYZE_AUTO: H2 would analyze on whatever thread commits. LOCK_TIMEOUT 2 s is the default that users
        // know.
        keeper = connect(
                Role.ADMIN,
                ";DB_CLOSE_DELAY=-1;DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0;TRACE_LEVEL_SYSTEM_OUT=0"
                        + ";ANALYZE_AUTO=0;QUERY_CACHE_SIZE=64;IGNORE_CATALOGS=TRUE;DEFAULT_LOCK_TIMEOUT=2000"
                        + compatibility.settings());
        database = session(keeper).getDatabase();
        boolean complete = false;
        try (Statement statement = keeper.createStatement()) {
            database.setEventListener(new RowWatch());
            statement.execute("CREATE USER " + Role.READER + " PASSWORD '" + password + "'");
            statement.execute("CREATE USER " + Role.WRITER + " PASSWORD '" + password + "'");
            grant();
            complete = true;
        } finally {
            if (!complete) {
                close();
            }
        }
    }

    public Database database() {
        return database;
    }

    public JdbcConnection open(Role role) throws SQLException {
        return connect(role, ";IFEXISTS=TRUE");
    }

    private JdbcConnection connect(Role role, String options) throws SQLException {
        Properties user = new Properties();
        user.setProperty("user", role.name());
        user.setProperty("password", password);
        // not by H2's driver, which would register itself for jdbc:h2: in an application that has another H2, or none
        return watchers.opened(new JdbcConnection(url + options, user, null, null, false));
    }

    public static SessionLocal session(JdbcConnection connection) {
        return (SessionLocal) connection.getSession();
    }

    /** Gives the restricted users their rights on schemas that are new. */
    public synchronized void grant() throws SQLException {
        Set<Schema> present = new HashSet<>();
        for (Schema schema : database.getAllSchemasNoMeta()) {
            present.add(schema);
            if (granted.contains(schema) || schema.getName().equals(ReservedNames.INTERNAL_SCHEMA)) {
                continue;
            }
            String on = " ON SCHEMA \"" + schema.getName().replace("\"", "\"\"") + "\" TO ";
            try (Statement statement = keeper.createStatement()) {
                statement.execute("GRANT SELECT" + on + Role.READER);
                boolean isSystem = schema.getName().equals(ReservedNames.SYSTEM_SCHEMA);
                statement.execute("GRANT SELECT" + (isSystem ? "" : ", INSERT, UPDATE, DELETE") + on + Role.WRITER);
            }
        }
        granted.clear();
        granted.addAll(present);
    }

    /**
     * SHUTDOWN IMMEDIATELY would wait for other sessions; this makes them fail. The owner of a connection closes it besides;
     * one that is lost keeps no rows.
     */
    @Override
    public void close() {
        try {
            database.shutdownImmediately();
            close(keeper);
        } finally {
            watchers.forget();
        }
    }

    /** Closes a connection of a database that is shut down or not. */
    public static void close(JdbcConnection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.debug("a connection of a database that is shut down could not be closed cleanly", e);
        }
    }
}
