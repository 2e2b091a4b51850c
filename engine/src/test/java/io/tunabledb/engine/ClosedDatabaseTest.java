package io.tunabledb.engine;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.StatementOptions;
import io.tunabledb.engine.client.PreparedText;
import io.tunabledb.engine.url.DatabaseUrl;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A database that is closed under its sessions, as when the JVM ends: nobody waits for a leader that never comes. */
class ClosedDatabaseTest {
    private static final List<String> STATEMENTS = List.of(
            "UPDATE T SET V = 2",
            "INSERT INTO T VALUES (3, 3)",
            "CREATE TABLE U(ID INT)",
            "DROP TABLE T",
            "SELECT * FROM T WITH CONSISTENCY LINEARIZABLE",
            "SELECT COUNT(*) FROM T WITH CONSISTENCY EVENTUAL",
            "UPDATE T SET V = 3 WHERE ID = 1 WITH CONSISTENCY EVENTUAL");

    /** Each would wait ten minutes; a minute is enough for all of them on any machine. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    @Timeout(60)
    void statementsFailAtOnce(int shards) throws SQLException {
        String url = "jdbc:tunable:mem:closedunder" + shards + "?consistencyTimeout=10m&definitionTimeout=10m&shards="
                + shards;
        try (EmbeddedSession session = Database.connect(DatabaseUrl.parse(url, new Properties()))) {
            run(session, "CREATE TABLE T(ID INT PRIMARY KEY, V INT) SHARD BY (ID)");
            run(session, "INSERT INTO T VALUES (1, 1), (2, 2)");
            session.cluster().inside().close();
            for (String sql : STATEMENTS) {
                assertThatThrownBy(() -> run(session, sql))
                        .as(sql)
                        .isInstanceOf(SQLException.class)
                        .extracting("SQLState")
                        .asString()
                        .startsWith("08");
            }
        }
    }

    private static void run(EmbeddedSession session, String sql) throws SQLException {
        try (PreparedText text = session.prepare(sql, StatementOptions.DEFAULT)) {
            text.execute(Parameters.NONE);
        }
    }
}
