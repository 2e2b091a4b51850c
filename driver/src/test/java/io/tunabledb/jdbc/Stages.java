package io.tunabledb.jdbc;

import io.tunabledb.jdbc.Stage.Look;
import io.tunabledb.jdbc.Stage.Probe;
import io.tunabledb.jdbc.Stage.Undo;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;

/** The objects of JDBC in the states in which applications use them. */
final class Stages {

    /** A look at one interface's object. */
    private interface TypedLook<T> {
        Object at(T subject) throws SQLException;
    }

    /** Makes one interface's object on a connection. */
    private interface TypedOpener<T> {
        T open(Connection connection) throws SQLException;
    }

    /** Does something to it first. */
    private interface Preparation<T> {
        void accept(T subject) throws SQLException;
    }

    private static final String ROW_ORDER = "SELECT * FROM T ORDER BY ID";
    private static final String VALUES = "SELECT * FROM V ORDER BY ID";
    private static final int SCROLL = ResultSet.TYPE_SCROLL_INSENSITIVE;
    private static final int UPDATABLE = ResultSet.CONCUR_UPDATABLE;

    private static final Probe TABLE =
            new Probe("table", (subject, side) -> side.main().createStatement().executeQuery(ROW_ORDER));

    private static final List<Probe> CONNECTION = List.of(
            probe("closed", Connection.class, Connection::isClosed),
            probe("autocommit", Connection.class, Connection::getAutoCommit),
            probe("isolation", Connection.class, Connection::getTransactionIsolation),
            probe("read-only", Connection.class, Connection::isReadOnly),
            probe("holdability", Connection.class, Connection::getHoldability),
            probe("schema", Connection.class, Connection::getSchema),
            probe("catalog", Connection.class, Connection::getCatalog),
            probe("client info", Connection.class, c -> c.getClientInfo("ApplicationName")),
            probe("network timeout", Connection.class, Connection::getNetworkTimeout),
            TABLE);

    private static final List<Probe> STATEMENT = List.of(
            probe("closed", Statement.class, Statement::isClosed),
            probe("count", Statement.class, Statement::getUpdateCount),
            probe("rows", Statement.class, Statement::getResultSet),
            probe("keys", Statement.class, Statement::getGeneratedKeys),
            probe("warnings", Statement.class, Statement::getWarnings),
            probe("max rows", Statement.class, Statement::getLargeMaxRows),
            probe("timeout", Statement.class, Statement::getQueryTimeout),
            probe("fetch size", Statement.class, Statement::getFetchSize),
            probe("field size", Statement.class, Statement::getMaxFieldSize),
            probe("direction", Statement.class, Statement::getFetchDirection),
            probe("poolable", Statement.class, Statement::isPoolable),
            probe("close on completion", Statement.class, Statement::isCloseOnCompletion),
            probe("type", Statement.class, Statement::getResultSetType),
            probe("concurrency", Statement.class, Statement::getResultSetConcurrency),
            probe("holdability", Statement.class, Statement::getResultSetHoldability),
            probe("batch", Statement.class, Statement::executeBatch),
            probe("more", Statement.class, Statement::getMoreResults),
            TABLE);

    private static final List<Probe> PARAMETERS = List.of(
            probe("executed", PreparedStatement.class, PreparedStatement::execute),
            probe("rows", Statement.class, Statement::getResultSet),
            probe("count", Statement.class, Statement::getUpdateCount));

    private static final List<Probe> ROWS = List.of(
            probe("closed", ResultSet.class, ResultSet::isClosed),
            probe("row", ResultSet.class, ResultSet::getRow),
            probe("first", ResultSet.class, ResultSet::isFirst),
            probe("last", ResultSet.class, ResultSet::isLast),
            probe("before", ResultSet.class, ResultSet::isBeforeFirst),
            probe("after", ResultSet.class, ResultSet::isAfterLast),
            probe("fetch size", ResultSet.class, ResultSet::getFetchSize),
            probe("value", ResultSet.class, rows -> rows.getObject(1)),
            probe("warnings", ResultSet.class, ResultSet::getWarnings),
            probe("next", ResultSet.class, ResultSet::next));

    private Stages() {}

    static List<Stage> all() {
        List<Stage> all = new ArrayList<>();
        connections(all);
        statements(all);
        prepared(all);
        callable(all);
        resultSets(all);
        updatable(all);
        all.add(stage("fresh", DatabaseMetaData.class, Connection::getMetaData, Undo.NOTHING, List.of()));
        return all;
    }

    private static void connections(List<Stage> all) {
        for (String state : List.of("fresh", "closed", "in a transaction")) {
            all.add(new Stage(
                    state,
                    Connection.class,
                    side -> {
                        Connection connection = side.another();
                        if (state.equals("closed")) {
                            connection.close();
                        } else if (state.equals("in a transaction")) {
                            connection.setAutoCommit(false);
                            try (Statement statement = connection.createStatement()) {
                                statement.execute("INSERT INTO T(ID) VALUES (9)");
                            }
                        }
                        return connection;
                    },
                    Undo.RESTORE,
                    CONNECTION));
        }
    }

    private static void statements(List<Stage> all) {
        statement(all, "fresh", Undo.RESTORE, statement -> {});
        statement(all, "after a query", Undo.ROLLBACK, statement -> statement.executeQuery(ROW_ORDER));
        statement(
                all,
                "after an insert",
                Undo.ROLLBACK,
                statement ->
                        statement.executeUpdate("INSERT INTO T(NAME) VALUES ('new')", Statement.RETURN_GENERATED_KEYS));
        statement(all, "with a batch", Undo.RESTORE, statement -> {
            statement.addBatch("UPDATE T SET N = 8 WHERE ID < 3");
            statement.addBatch("INSERT INTO T(ID) VALUES (1)");
            statement.addBatch("DELETE FROM T WHERE ID = 4");
        });
        statement(all, "closed", Undo.NOTHING, Statement::close);
        all.add(stage(
                "scrolling, updatable",
                Statement.class,
                connection -> connection.createStatement(SCROLL, UPDATABLE),
                Undo.RESTORE,
                STATEMENT));
    }

    private static void statement(List<Stage> all, String state, Undo undo, Preparation<Statement> preparation) {
        all.add(stage(
                state,
                Statement.class,
                connection -> {
                    Statement statement = connection.createStatement();
                    preparation.accept(statement);
                    return statement;
                },
                undo,
                STATEMENT));
    }

    private static void prepared(List<Stage> all) {
        prepared(all, "query", "SELECT * FROM T WHERE ID = ?", Undo.RESTORE, STATEMENT, p -> p.setInt(1, 3));
        prepared(all, "insert", "INSERT INTO T(NAME) VALUES (?)", Undo.RESTORE, STATEMENT, p -> p.setString(1, "new"));
        prepared(
                all,
                "two statements",
                "UPDATE T SET N = ? WHERE ID < 3; DELETE FROM T WHERE ID = ?",
                Undo.ROLLBACK,
                STATEMENT,
                p -> {
                    p.setInt(1, 5);
                    p.setInt(2, 4);
                });
        prepared(all, "with a batch", "INSERT INTO T(ID, NAME) VALUES (?, 'x')", Undo.ROLLBACK, STATEMENT, p -> {
            for (int id : new int[] {5, 1, 6}) {
                p.setInt(1, id);
                p.addBatch();
            }
        });
        prepared(all, "unset", "SELECT CAST(? AS INT)", Undo.NOTHING, PARAMETERS, p -> {});
        prepared(all, "any type", "SELECT ?, ?", Undo.NOTHING, PARAMETERS, p -> p.setInt(2, 5));
        for (String type :
                List.of("VARCHAR", "DECIMAL(20, 3)", "VARBINARY", "BLOB", "CLOB", "TIMESTAMP", "INT ARRAY")) {
            prepared(all, "to " + type, "SELECT CAST(? AS " + type + ")", Undo.NOTHING, PARAMETERS, p -> {});
        }
        prepared(all, "closed", "SELECT * FROM T WHERE ID = ?", Undo.NOTHING, STATEMENT, PreparedStatement::close);
    }

    private static void prepared(
            List<Stage> all,
            String state,
            String sql,
            Undo undo,
            List<Probe> probes,
            Preparation<PreparedStatement> preparation) {
        all.add(stage(
                state,
                PreparedStatement.class,
                connection -> {
                    PreparedStatement statement = connection.prepareStatement(sql);
                    preparation.accept(statement);
                    return statement;
                },
                undo,
                probes));
    }

    private static void callable(List<Stage> all) {
        callable(all, "{? = call}, executed", Undo.NOTHING, "{? = call ABS(?)}", call -> {
            call.registerOutParameter(1, Types.INTEGER);
            call.setInt(2, -5);
            call.execute();
        });
        callable(all, "{? = call}, not executed", Undo.NOTHING, "{? = call CONCAT(?, 'x')}", call -> {
            call.registerOutParameter(1, Types.VARCHAR);
            call.setString(2, "12");
        });
        callable(all, "null", Undo.NOTHING, "{? = call ABS(CAST(? AS INT))}", call -> {
            call.registerOutParameter(1, Types.INTEGER);
            call.setNull(2, Types.INTEGER);
            call.execute();
        });
        callable(all, "CALL", Undo.NOTHING, "CALL UPPER(?)", call -> call.setString(1, "abc"));
        callable(all, "an insert", Undo.ROLLBACK, "INSERT INTO T(NAME) VALUES (?)", call -> call.setString(1, "new"));
        callable(all, "closed", Undo.NOTHING, "{? = call ABS(?)}", CallableStatement::close);
    }

    private static void callable(
            List<Stage> all, String state, Undo undo, String sql, Preparation<CallableStatement> preparation) {
        all.add(stage(
                state,
                CallableStatement.class,
                connection -> {
                    CallableStatement call = connection.prepareCall(sql);
                    preparation.accept(call);
                    return call;
                },
                undo,
                PARAMETERS));
    }

    private static void resultSets(List<Stage> all) {
        rows(all, "values", VALUES, SCROLL, ResultSet::next);
        rows(all, "nulls", VALUES, SCROLL, rows -> rows.absolute(2));
        rows(all, "numbers", VALUES, SCROLL, ResultSet::last);
        rows(all, "before the first row", ROW_ORDER, SCROLL, rows -> {});
        rows(all, "after the last row", ROW_ORDER, SCROLL, ResultSet::afterLast);
        rows(all, "in the middle", ROW_ORDER, SCROLL, rows -> rows.absolute(3));
        rows(all, "no rows", "SELECT * FROM T WHERE ID < 0", SCROLL, rows -> {});
        rows(all, "forward only", ROW_ORDER, ResultSet.TYPE_FORWARD_ONLY, ResultSet::next);
        rows(all, "closed", ROW_ORDER, SCROLL, ResultSet::close);
    }

    private static void rows(List<Stage> all, String state, String sql, int type, Preparation<ResultSet> preparation) {
        all.add(stage(
                state,
                ResultSet.class,
                connection -> {
                    ResultSet rows = connection
                            .createStatement(type, ResultSet.CONCUR_READ_ONLY)
                            .executeQuery(sql);
                    preparation.accept(rows);
                    return rows;
                },
                Undo.NOTHING,
                ROWS));
    }

    private static void updatable(List<Stage> all) {
        List<Probe> update = new ArrayList<>();
        update.add(probe("pending", ResultSet.class, rows -> rows.getObject(11)));
        update.add(probe("updateRow", ResultSet.class, rows -> {
            rows.updateRow();
            return "done";
        }));
        update.add(probe("now", ResultSet.class, Stages::row));
        update.add(new Probe(
                "stored",
                (subject, side) -> side.main().createStatement().executeQuery("SELECT * FROM V WHERE ID = 1")));
        updatable(all, "updatable", VALUES, ResultSet::next, update);

        List<Probe> rows = new ArrayList<>(ROWS);
        rows.add(probe("rows", ResultSet.class, again -> {
            again.beforeFirst();
            return again;
        }));
        rows.add(TABLE);
        updatable(
                all,
                "updatable, a row changed",
                ROW_ORDER,
                r -> {
                    r.absolute(2);
                    r.updateString("NAME", "changed");
                },
                rows);
        updatable(
                all,
                "updatable, a row updated",
                ROW_ORDER,
                r -> {
                    r.absolute(2);
                    r.updateString("NAME", "changed");
                    r.updateRow();
                },
                rows);
        updatable(
                all,
                "updatable, inserting",
                ROW_ORDER,
                r -> {
                    r.moveToInsertRow();
                    r.updateString(2, "inserted");
                },
                rows);
        updatable(all, "updatable, before the first row", ROW_ORDER, r -> {}, rows);
        updatable(
                all, "updatable, labels", "SELECT NAME AS WHO, ID, N AS ID2 FROM T ORDER BY ID", ResultSet::next, rows);
        updatable(all, "updatable, no key", "SELECT NAME FROM T ORDER BY ID", ResultSet::next, rows);
        updatable(all, "updatable, two tables", "SELECT * FROM T, V ORDER BY 1", ResultSet::next, rows);
    }

    private static String row(ResultSet rows) throws SQLException {
        List<String> values = new ArrayList<>();
        for (int column = 1; column <= rows.getMetaData().getColumnCount(); column++) {
            values.add(rows.getString(column));
        }
        return values.toString();
    }

    private static void updatable(
            List<Stage> all, String state, String sql, Preparation<ResultSet> preparation, List<Probe> probes) {
        all.add(stage(
                state,
                ResultSet.class,
                connection -> {
                    ResultSet rows =
                            connection.createStatement(SCROLL, UPDATABLE).executeQuery(sql);
                    preparation.accept(rows);
                    return rows;
                },
                Undo.ROLLBACK,
                probes));
    }

    private static <T> Stage stage(String state, Class<T> type, TypedOpener<T> opener, Undo undo, List<Probe> probes) {
        return new Stage(
                state,
                type,
                side -> {
                    side.main().setAutoCommit(undo != Undo.ROLLBACK);
                    return opener.open(side.main());
                },
                undo,
                probes);
    }

    private static <T> Probe probe(String label, Class<T> type, TypedLook<T> look) {
        Look any = (subject, side) -> look.at(type.cast(subject));
        return new Probe(label, any);
    }
}
