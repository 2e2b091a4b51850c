package io.tunabledb.integration;

import static io.tunabledb.consistency.Level.EVENTUAL;
import static io.tunabledb.consistency.Level.LINEARIZABLE;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.table;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.tunabledb.consistency.Receipt;
import io.tunabledb.hibernate.Consistency;
import io.tunabledb.hibernate.ConsistencyHint;
import io.tunabledb.hibernate.ConsistencyInspector;
import io.tunabledb.jdbc.TunableDataSource;
import io.tunabledb.jdbc.TunableStatement;
import io.tunabledb.jooq.TunableDSL;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import liquibase.Liquibase;
import liquibase.database.jvm.JdbcConnection;
import liquibase.resource.ClassLoaderResourceAccessor;
import org.flywaydb.core.Flyway;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;

/** The code that the README and TOOLS.md show, between markers; {@link ReadmeTest} runs it and compares. */
final class Snippets {

    private Snippets() {}

    static void first() throws SQLException {
        // readme: first
        try (Connection shop = DriverManager.getConnection("jdbc:tunable:file:data/shop");
                Statement statement = shop.createStatement()) {
            statement.execute("CREATE TABLE IF NOT EXISTS item(id INT PRIMARY KEY, stock INT)");
            statement.execute("MERGE INTO item VALUES (1, 10)");
            statement.execute("UPDATE item SET stock = stock - 1 WHERE id = 1 WITH CONSISTENCY LINEARIZABLE");
            ResultSet rows = statement.executeQuery("SELECT stock FROM item WHERE id = 1 WITH CONSISTENCY EVENTUAL");
            while (rows.next()) {
                System.out.println(rows.getInt("stock") + ", "
                        + statement.unwrap(TunableStatement.class).receipt());
            }
        }
        // end
    }

    static void hikari() throws SQLException {
        // readme: hikari
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:tunable:mem:shop"); // its connections share what they saw and wrote
        try (HikariDataSource pool = new HikariDataSource(config)) {
            try (Connection connection = pool.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("SET CONSISTENCY FOR READ = BOUNDED_STALENESS (5 SECONDS)"); // ends with the loan
                statement.execute("CREATE TABLE IF NOT EXISTS item(id INT PRIMARY KEY, stock INT)");
            }
        }
        // end
    }

    static void flyway() {
        // readme: flyway
        Flyway.configure()
                .dataSource("jdbc:tunable:mem:shop", "", "")
                .locations("classpath:db/flyway")
                .load()
                .migrate();
        // end
    }

    static void liquibase() throws Exception {
        // readme: liquibase
        try (Connection connection = new TunableDataSource("jdbc:tunable:mem:shop").getConnection();
                Liquibase liquibase = new Liquibase(
                        "db/liquibase/changelog.yaml",
                        new ClassLoaderResourceAccessor(),
                        new JdbcConnection(connection))) {
            liquibase.update();
        }
        // end
    }

    static List<Receipt> jooq(TunableDataSource dataSource) {
        List<Receipt> receipts = new ArrayList<>();
        // readme: jooq
        DSLContext ctx = DSL.using(dataSource, SQLDialect.H2);
        TunableDSL tunable = TunableDSL.using(ctx).receipts(receipts::add);
        tunable.with(LINEARIZABLE).update(table("item")).set(field("stock"), 9).execute();
        tunable.bounded(Duration.ofSeconds(5)).selectFrom(table("item")).fetch();
        tunable.with(EVENTUAL).transaction(work -> work.dsl().fetchCount(table("item")));
        ctx.selectFrom(table("item")).fetch(); // plain jOOQ, at the default
        // end
        return receipts;
    }

    // readme: entity
    @Entity(name = "Post")
    @Consistency("BOUNDED_STALENESS (5 SECONDS) ELSE EVENTUAL")
    static class Post {
        @Id
        long id;

        String text;
    }
    // end

    static List<Post> hibernate(SessionFactory factory) {
        // readme: hibernate
        List<Post> fresh = factory.fromSession(session -> session.createQuery("from Post", Post.class)
                .setHint(ConsistencyHint.NAME, ConsistencyHint.of(LINEARIZABLE))
                .getResultList());
        try (Session session = factory.withOptions()
                .statementInspector(ConsistencyInspector.reads(EVENTUAL).forSession())
                .openSession()) {
            session.find(Post.class, 1);
        }
        // end
        return fresh;
    }
}
