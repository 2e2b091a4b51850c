package io.tunabledb;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** What CHECK REPLICAS says: that all of them have the same rows and the same schema. */
public final class CheckedReplicas {
    private CheckedReplicas() {}

    /**
     * Fails when one has anything else than the others, and says what.
     *
     * @return how many replicas there are, of all shards
     */
    public static int assertSame(Statement statement, String after) throws SQLException {
        int replicas = 0;
        try (ResultSet rows = statement.executeQuery("CHECK REPLICAS")) {
            while (rows.next()) {
                replicas++;
                assertThat(rows.getString("DIFFERENCE")).as(after).isNull();
                assertThat(rows.getBoolean("SAME")).as(after).isTrue();
            }
        }
        return replicas;
    }
}
