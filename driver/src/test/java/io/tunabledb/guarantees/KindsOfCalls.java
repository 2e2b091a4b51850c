package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Calls of JDBC of every kind that the engine carries out in another way. */
final class KindsOfCalls {

    private KindsOfCalls() {}

    /**
     * What a call has to itself.
     *
     * @param open has written a row and not committed
     * @param table nobody else's, so that no call is in another's way
     * @param added to what it reads or writes
     */
    record Own(Connection connection, Connection open, String table, String added) {}

    /** One kind of call. */
    interface Call {
        void run(Own own) throws SQLException;
    }

    static final Map<String, Call> CALLS = new LinkedHashMap<>();

    static {
        CALLS.put("read", own -> read(own, "SELECT SUM(V + ADDED) FROM T"));
        CALLS.put("read of now", own -> read(own, "SELECT V + ADDED FROM T WHERE K = 1 WITH CONSISTENCY LINEARIZABLE"));
        CALLS.put("write", own -> write(own, "UPDATE T SET V = ADDED * V WHERE K = 1"));
        CALLS.put("write of many", own -> write(own, "UPDATE T SET V = ADDED * V"));
        CALLS.put("weak write", own -> write(own, "UPDATE T SET V = 0 WHERE K = 2 WITH CONSISTENCY EVENTUAL"));
        CALLS.put("transaction", KindsOfCalls::transaction);
        CALLS.put("commit", KindsOfCalls::commit);
        CALLS.put("prepared", KindsOfCalls::prepared);
        CALLS.put("batch", KindsOfCalls::batch);
        CALLS.put("metadata", KindsOfCalls::metadata);
        CALLS.put("definition", KindsOfCalls::definition);
        CALLS.put("sequence", own -> read(own, "SELECT NEXT VALUE FOR S"));
    }

    private static String text(Own own, String sql) {
        return sql.replaceAll("\\bT\\b", own.table).replace("ADDED", own.added);
    }

    private static void read(Own own, String sql) throws SQLException {
        try (Statement statement = watched(own.connection.createStatement());
                ResultSet rows = statement.executeQuery(text(own, sql))) {
            while (rows.next()) {
                var unused = rows.getObject(1);
            }
        }
    }

    private static void write(Own own, String sql) throws SQLException {
        execute(own.connection, text(own, sql));
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = watched(connection.createStatement())) {
            statement.execute(sql);
        }
    }

    private static void transaction(Own own) throws SQLException {
        own.connection.setAutoCommit(false);
        try {
            write(own, "UPDATE T SET V = V WHERE K = 3");
            read(own, "SELECT SUM(V + ADDED) FROM T");
            write(own, "UPDATE T SET V = V * ADDED");
            own.connection.commit();
        } finally {
            if (!own.connection.isClosed()) {
                own.connection.rollback();
                own.connection.setAutoCommit(true);
            }
        }
    }

    /** Of what was written before the trouble came. */
    private static void commit(Own own) throws SQLException {
        try {
            own.open.commit();
        } finally {
            if (!own.open.isClosed()) {
                own.open.rollback();
            }
        }
    }

    private static void prepared(Own own) throws SQLException {
        try (PreparedStatement read =
                        own.connection.prepareStatement(text(own, "SELECT ? + V + ADDED FROM T WHERE K = ?"));
                PreparedStatement write =
                        own.connection.prepareStatement(text(own, "UPDATE T SET V = ? * V * ADDED WHERE K = ?"))) {
            watched(read).setInt(1, 1);
            read.setInt(2, 4);
            read.executeQuery().close();
            watched(write).setInt(1, 0);
            write.setInt(2, 4);
            write.executeUpdate();
        }
    }

    private static void batch(Own own) throws SQLException {
        try (PreparedStatement write =
                own.connection.prepareStatement(text(own, "UPDATE T SET V = V * ADDED WHERE K = ?"))) {
            watched(write);
            for (int k = 5; k < 8; k++) {
                write.setInt(1, k);
                write.addBatch();
            }
            write.executeBatch();
        }
    }

    private static void metadata(Own own) throws SQLException {
        DatabaseMetaData data = own.connection.getMetaData();
        try (ResultSet rows = data.getColumns(null, null, own.table, "%")) {
            assertThat(rows.next()).isTrue();
        }
        try (PreparedStatement statement =
                own.connection.prepareStatement(text(own, "SELECT K, V FROM T WHERE K = ?"))) {
            assertThat(statement.getMetaData().getColumnCount()).isEqualTo(2);
            assertThat(statement.getParameterMetaData().getParameterCount()).isEqualTo(1);
        }
    }

    private static void definition(Own own) throws SQLException {
        write(own, "DROP TABLE IF EXISTS D");
        write(own, "CREATE TABLE D(V INT)");
        write(own, "INSERT INTO D VALUES (0)");
        write(own, "CREATE TABLE IF NOT EXISTS E AS SELECT V + ADDED C FROM D");
        write(own, "DROP TABLE IF EXISTS E");
    }

    /** The statement that the watching thread may cancel. */
    static final ThreadLocal<Watch> WATCH = ThreadLocal.withInitial(Watch::new);

    static final class Watch {
        volatile @Nullable Statement now;
        volatile boolean cancels;
    }

    private static <S extends Statement> S watched(S statement) {
        WATCH.get().now = statement;
        return statement;
    }
}
