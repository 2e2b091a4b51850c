package io.tunabledb.durability;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Defines what is computed for rows that are there, says what came out, and ends without closing the database. */
final class Elsewhere {
    private static final List<String> COLUMNS = List.of(
            "UPPER(V) || LOWER(V)",
            "RAWTOHEX(HASH('SHA-256', V))",
            "RAWTOHEX(V) || STRINGENCODE(V)",
            "CAST(STRINGTOUTF8(V) AS VARCHAR)",
            "FORMATDATETIME(D, 'yyyy-MM-dd')",
            "MONTHNAME(D) || DAYNAME(D)",
            "TO_CHAR(D, 'YYYY/MM/DD') || TO_CHAR(ID / 3.0, '990.99')",
            "CAST(CAST(D AS TIMESTAMP WITH TIME ZONE) AS VARCHAR)",
            "CAST(EXTRACT(ISO_WEEK FROM D) * 10 + EXTRACT(ISO_DAY_OF_WEEK FROM D) AS VARCHAR)",
            "CAST(D + INTERVAL '1' MONTH AS VARCHAR) || CAST(ID * 1e-3 AS VARCHAR)",
            "CASE WHEN V < 'b' THEN 'a' ELSE 'b' END");

    private Elsewhere() {}

    public static void main(String[] arguments) throws SQLException {
        try (Connection connection = DriverManager.getConnection(arguments[0]);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, V VARCHAR, D DATE)");
            statement.execute("INSERT INTO T VALUES (1, U&'Stra\\00dfe iI \\00e4\\03c3\\03c2', DATE '2024-01-01'),"
                    + " (2, U&'\\+01f600 B', DATE '2023-12-31'), (3, 'b', DATE '2024-07-01')");
            for (int i = 0; i < COLUMNS.size(); i++) {
                statement.execute(
                        "ALTER TABLE T ADD COLUMN C" + i + " VARCHAR GENERATED ALWAYS AS (" + COLUMNS.get(i) + ")");
            }
            statement.execute("CREATE CONSTANT K VALUE UPPER(U&'\\00e4i') || MONTHNAME(DATE '2024-05-01')");
            rows(statement).forEach(row -> System.out.println("ROW " + row));
            System.out.println("ROWS");
        }
        Runtime.getRuntime().halt(0);
    }

    /** In letters that every encoding has. */
    static List<String> rows(Statement statement) throws SQLException {
        List<String> all = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery("SELECT T.*, K FROM T ORDER BY ID")) {
            while (rows.next()) {
                StringBuilder row = new StringBuilder();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    rows.getString(i).chars().forEach(c -> row.append(c >= 32 && c < 128 ? "" + (char) c : "\\" + c));
                    row.append(" | ");
                }
                all.add(row.toString());
            }
        }
        return all;
    }
}
