package io.tunabledb.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.sql.Statement.TableUse;
import io.tunabledb.sql.Statement.Use;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.h2.command.Prepared;
import org.h2.command.query.Query;
import org.h2.engine.DbObject;
import org.h2.engine.SessionLocal;
import org.h2.expression.ExpressionVisitor;
import org.h2.jdbc.JdbcConnection;
import org.h2.table.Table;
import org.h2.table.TableType;
import org.junit.jupiter.api.Test;

/** What H2 accepts, we accept; and H2 itself says whether tables and parameters were found right. */
class H2AcceptanceTest {

    @Test
    void whatH2AcceptsIsAcceptedAndRunsAsItIsPassedOn() throws Exception {
        List<String> wrong = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:acceptance")) {
            for (String line : corpus()) {
                String sql = line.replaceFirst("^~ ", "");
                try {
                    check(connection, sql, sql.equals(line));
                } catch (SqlSyntaxException | SQLException | AssertionError e) {
                    wrong.add(sql + "\n    " + e.getMessage());
                }
            }
        }
        assertThat(wrong).as(String.join("\n", wrong)).isEmpty();
    }

    @Test
    void theCorpusIsLargeEnoughToMeanSomething() throws Exception {
        assertThat(corpus()).hasSizeGreaterThan(300);
    }

    private static void check(Connection connection, String sql, boolean h2KnowsTables) throws SQLException {
        Set<String> tables = h2KnowsTables ? tablesOfQuery(connection, sql) : null;
        int parameters;
        try (PreparedStatement prepared = connection.prepareStatement(sql)) {
            parameters = prepared.getParameterMetaData().getParameterCount();
        }
        List<Statement> statements = SqlParser.parse(sql);
        assertThat(statements).hasSize(1);
        Statement statement = statements.get(0);
        assertThat(statement).isNotInstanceOf(Statement.Refused.class);
        if (statement instanceof Statement.Sql ours) {
            assertThat(ours.text()).isEqualTo(sql.strip());
            // {1: 5} after a statement gives its parameters values, so that JDBC sees none
            if (!sql.contains("{1:")) {
                assertThat(ours.parameterCount()).as("parameters").isEqualTo(parameters);
            }
            if (tables != null) {
                assertThat(names(ours.tables())).as("tables").isEqualTo(tables);
            }
        }
        assertThat(SqlParser.parse(SqlParser.render(statement)))
                .as("round trip")
                .containsExactly(statement);
        try (PreparedStatement prepared = connection.prepareStatement(statement.text())) {
            for (int i = 1; i <= parameters; i++) {
                prepared.setNull(i, java.sql.Types.INTEGER);
            }
            prepared.execute();
        }
    }

    private static Set<String> names(List<TableUse> tables) {
        return tables.stream()
                .filter(table -> table.use() == Use.READ)
                .map(table -> (table.schema() == null ? "PUBLIC" : table.schema()) + "." + table.name())
                .filter(name -> !name.startsWith("INFORMATION_SCHEMA") && !name.equals("PUBLIC.DUAL"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The tables a query depends on as H2 resolved them, or null when it is no query or reads views or synonyms. */
    private static Set<String> tablesOfQuery(Connection connection, String sql) throws SQLException {
        SessionLocal session = (SessionLocal) ((JdbcConnection) connection).getSession();
        Prepared prepared;
        try {
            prepared = session.prepare(sql, true, true, null);
        } catch (RuntimeException e) {
            return null;
        }
        if (!(prepared instanceof Query query) || sql.matches("(?s).*\\b(vw\\d*|syn|mv|TABLE \\((?!x )).*")) {
            return null;
        }
        HashSet<DbObject> found = new HashSet<>();
        query.isEverything(ExpressionVisitor.getDependenciesVisitor(found));
        return found.stream()
                .filter(object -> object instanceof Table table && table.getTableType() == TableType.TABLE)
                .map(object -> (Table) object)
                .map(table -> table.getSchema().getName() + "." + table.getName())
                .filter(name -> !name.endsWith(".PARENT"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<String> corpus() throws IOException {
        try (InputStream in = H2AcceptanceTest.class.getResourceAsStream("/h2-statements.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("# "))
                    .toList();
        }
    }
}
