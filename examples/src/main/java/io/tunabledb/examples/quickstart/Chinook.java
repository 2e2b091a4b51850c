package io.tunabledb.examples.quickstart;

import io.tunabledb.jdbc.TunableStatement;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import net.hydromatic.chinook.data.hsqldb.ChinookHsqldb;

/**
 * The public Chinook music shop: copied from HSQLDB into TunableDB and into a plain H2, then asked the same questions in
 * both.
 */
final class Chinook {
    private final Connection tunable;
    private final Console console;

    Chinook(Connection tunable, Console console) {
        this.tunable = tunable;
        this.console = console;
    }

    /** Copies and compares; what came out differently. */
    List<String> run() throws SQLException {
        // HSQLDB would replace the JVM's logging otherwise
        System.setProperty("hsqldb.reconfig_logging", "false");
        try (Connection source =
                        DriverManager.getConnection(ChinookHsqldb.URI, ChinookHsqldb.USER, ChinookHsqldb.PASSWORD);
                Connection h2 = DriverManager.getConnection("jdbc:h2:mem:")) {
            ChinookTables tables = new ChinookTables(source, ChinookHsqldb.SCHEMA);
            int copied = tables.copyTo(tunable);
            console.say(
                    copied == 0
                            ? "Chinook is there from an earlier run"
                            : "copied Chinook: " + tables.count() + " tables with their keys, " + copied + " rows");
            tables.copyTo(h2);
            return compare(h2);
        }
    }

    private List<String> compare(Connection h2) throws SQLException {
        List<String> wrong = new ArrayList<>();
        for (Report report : Report.ALL) {
            List<List<Object>> expected = rows(h2, report.sql());
            List<List<Object>> found;
            String replica;
            try (Statement statement = tunable.createStatement();
                    ResultSet rows = statement.executeQuery(report.sql() + " WITH CONSISTENCY SNAPSHOT")) {
                found = rows(rows);
                var receipt = statement.unwrap(TunableStatement.class).receipt();
                replica = receipt == null ? "nobody" : receipt.served().get(0).replica();
            }
            boolean same = !expected.isEmpty() && found.equals(expected);
            console.say(
                    "report: %s: %d rows from %s, %s",
                    report.title(), found.size(), replica, same ? "the same as plain H2's" : "NOT as plain H2's");
            if (!same) {
                wrong.add("report '" + report.title() + "': plain H2 gives " + expected + ", TunableDB " + found);
            }
        }
        return wrong;
    }

    private static List<List<Object>> rows(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows(rows);
        }
    }

    private static List<List<Object>> rows(ResultSet rows) throws SQLException {
        List<List<Object>> all = new ArrayList<>();
        while (rows.next()) {
            List<Object> row = new ArrayList<>();
            for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                row.add(String.valueOf(rows.getObject(i)));
            }
            all.add(row);
        }
        return all;
    }
}
