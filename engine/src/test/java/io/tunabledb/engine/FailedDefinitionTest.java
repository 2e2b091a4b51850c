package io.tunabledb.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.StatementOptions;
import io.tunabledb.engine.client.PreparedText;
import io.tunabledb.engine.url.DatabaseUrl;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A schema change that fails in the middle, after H2 has changed something: nothing of it stays, in no shard. */
class FailedDefinitionTest {
    private static final List<String> HALF_DONE = List.of(
            "CREATE DOMAIN D AS INT CHECK (DATEADD(DAY, 1, DATE '2024-01-01') = JSON_OBJECT('k': 1))",
            "CREATE DOMAIN IF NOT EXISTS D AS JSON CHECK (VALUE IS NOT NULL) CHECK (NOT ('c' IS NULL) = 1 / (VALUE - 5))",
            "CREATE SCHEMA S CREATE TABLE S.A(ID INT) CREATE TABLE S.A(ID INT)",
            "CREATE TABLE A(ID INT PRIMARY KEY, V INT, CONSTRAINT C CHECK (V > NOWHERE.X))",
            "CREATE TABLE A(ID INT PRIMARY KEY, V INT REFERENCES NOWHERE(ID))");

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void leavesNothing(int shards) throws SQLException {
        String url = "jdbc:tunable:mem:halfdone" + shards + "?shards=" + shards;
        try (EmbeddedSession session = Database.connect(DatabaseUrl.parse(url, new Properties()))) {
            for (String sql : HALF_DONE) {
                assertThatThrownBy(() -> execute(session, sql)).as(sql).isInstanceOf(SQLException.class);
                for (String kind : List.of("DOMAINS WHERE DOMAIN", "TABLES WHERE TABLE", "SCHEMATA WHERE SCHEMA")) {
                    assertThat(count(
                                    session,
                                    "SELECT COUNT(*) FROM INFORMATION_SCHEMA." + kind + "_NAME IN ('D', 'A', 'S')"))
                            .as(sql)
                            .isZero();
                }
            }
            try (PreparedText text = session.prepare("CHECK REPLICAS", StatementOptions.DEFAULT);
                    ResultSet rows = text.execute(Parameters.NONE).rows()) {
                while (Objects.requireNonNull(rows).next()) {
                    assertThat(rows.getBoolean("SAME"))
                            .as(rows.getString("DIFFERENCE"))
                            .isTrue();
                }
            }
        }
    }

    private static void execute(EmbeddedSession session, String sql) throws SQLException {
        try (PreparedText text = session.prepare(sql, StatementOptions.DEFAULT)) {
            text.execute(Parameters.NONE);
        }
    }

    private static int count(EmbeddedSession session, String sql) throws SQLException {
        try (PreparedText text = session.prepare(sql, StatementOptions.DEFAULT);
                ResultSet rows = text.execute(Parameters.NONE).rows()) {
            Objects.requireNonNull(rows).next();
            return rows.getInt(1);
        }
    }
}
