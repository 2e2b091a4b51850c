package io.tunabledb.integration;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/** The pools of several instances of one application, on a database that no other test uses. */
final class Pools implements AutoCloseable {
    /** What a library is given in place of a URL: raw H2 shows that a test asks for nothing that H2 doesn't do. */
    enum On {
        H2("jdbc:h2:mem:", ""),
        DEFAULT("jdbc:tunable:mem:", ""),
        SHARDS("jdbc:tunable:mem:", "?shards=4");

        private final String before;
        private final String after;

        On(String before, String after) {
            this.before = before;
            this.after = after;
        }
    }

    private static final AtomicInteger NEXT = new AtomicInteger();

    private final On on;
    private final String url;
    private final List<HikariDataSource> open = new ArrayList<>();

    Pools(On on) {
        this.on = on;
        this.url = on.before + "pools" + NEXT.incrementAndGet() + on.after;
    }

    String url() {
        return url;
    }

    /** One more instance's pool. */
    HikariDataSource pool() {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setMaximumPoolSize(8);
        HikariDataSource pool = new HikariDataSource(config);
        open.add(pool);
        return pool;
    }

    /** Runs a text of statements with semicolons between them. */
    static void script(HikariDataSource pool, String sql) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            for (String one : sql.replaceAll("(?m)^--.*$", "").split(";", -1)) {
                if (!one.isBlank()) {
                    statement.execute(one);
                }
            }
        }
    }

    /** The script that is in a library's jar. */
    static String resource(String path) throws IOException {
        try (InputStream script =
                Objects.requireNonNull(Pools.class.getClassLoader().getResourceAsStream(path), path)) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The first column of the first row, as text. */
    static String ask(HikariDataSource pool, String sql) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    /** All replicas have the same rows, if there are several. */
    void requireSameReplicas() throws SQLException {
        if (on == On.H2) {
            return;
        }
        try (Connection connection = open.get(0).getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("CHECK REPLICAS")) {
            while (rows.next()) {
                if (!rows.getBoolean("SAME")) {
                    throw new AssertionError(
                            "replica " + rows.getInt("REPLICA") + " differs: " + rows.getString("DIFFERENCE"));
                }
            }
        }
    }

    @Override
    public void close() {
        open.forEach(HikariDataSource::close);
    }
}
