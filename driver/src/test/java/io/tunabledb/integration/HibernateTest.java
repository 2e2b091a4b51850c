package io.tunabledb.integration;

import static io.tunabledb.consistency.Level.EVENTUAL;
import static io.tunabledb.consistency.Level.LINEARIZABLE;
import static io.tunabledb.consistency.Level.READ_YOUR_WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Rung;
import io.tunabledb.hibernate.Consistency;
import io.tunabledb.hibernate.ConsistencyHint;
import io.tunabledb.hibernate.ConsistencyInspector;
import jakarta.persistence.CascadeType;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.LockModeType;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.NamedQuery;
import jakarta.persistence.OneToMany;
import jakarta.persistence.OptimisticLockException;
import jakarta.persistence.QueryHint;
import jakarta.persistence.Version;
import jakarta.persistence.criteria.CriteriaQuery;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.hibernate.dialect.H2Dialect;
import org.hibernate.jpa.HibernatePersistenceConfiguration;
import org.hibernate.resource.jdbc.spi.StatementInspector;
import org.hibernate.tool.schema.Action;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Levels through Hibernate's own means: by entity, by query, by session; and that the rest is plain Hibernate. */
class HibernateTest {

    @Entity(name = "Account")
    @Consistency("LINEARIZABLE")
    @NamedQuery(
            name = "cheap balance",
            query = "select balance from Account where id = 1",
            hints = @QueryHint(name = ConsistencyHint.NAME, value = "CONSISTENCY(EVENTUAL)"))
    static class Account {
        @Id
        int id;

        int balance;

        @Version
        int version;
    }

    @Entity(name = "Post")
    @Consistency("EVENTUAL")
    static class Post {
        @Id
        @GeneratedValue(strategy = GenerationType.IDENTITY)
        Long id;

        String text;

        int likes;

        @OneToMany(mappedBy = "post", cascade = CascadeType.ALL)
        Set<Reply> replies = new TreeSet<>((left, right) -> left.text.compareTo(right.text));
    }

    @Entity(name = "Reply")
    @Consistency("EVENTUAL")
    static class Reply {
        @Id
        @GeneratedValue
        Long id;

        String text;

        @ManyToOne
        Post post;
    }

    @Entity(name = "Note")
    static class Note {
        @Id
        @GeneratedValue
        Long id;

        String text;
    }

    private static LaggingCluster cluster;
    private static SessionFactory factory;
    private static final List<String> SENT = new ArrayList<>();

    private Long post;

    @BeforeAll
    static void start() throws SQLException {
        cluster = LaggingCluster.start();
        factory = new HibernatePersistenceConfiguration("levels")
                .jdbcUrl(cluster.url())
                .jdbcPoolSize(4)
                .managedClasses(Account.class, Post.class, Reply.class, Note.class)
                .schemaToolingAction(Action.CREATE_DROP)
                .statementInspector((StatementInspector) sql -> {
                    SENT.add(sql);
                    return sql;
                })
                .createEntityManagerFactory();
    }

    @BeforeEach
    void rows() {
        factory.inTransaction(session -> {
            Account account = session.find(Account.class, 1);
            if (account == null) {
                account = new Account();
                account.id = 1;
                session.persist(account);
            }
            account.balance = 1;
            Post written = new Post();
            written.text = "hello";
            written.likes = 1;
            session.persist(written);
            post = written.id;
        });
    }

    @AfterEach
    void heal() throws IOException {
        cluster.heal();
    }

    @AfterAll
    static void stop() throws SQLException {
        factory.close();
        cluster.close();
    }

    /** Both entities get the value 2, which the application's node does not hear of. */
    private void lag() throws SQLException {
        cluster.lag("UPDATE Account SET balance = 2");
        cluster.run("UPDATE Post SET likes = 2");
        cluster.run("INSERT INTO Reply(id, text, post_id) VALUES (-" + post + ", 'late', " + post + ")");
    }

    private static int read(ToIntFunction<Session> read) {
        try (Session session = factory.openSession()) {
            return read.applyAsInt(session);
        }
    }

    private static int read(ConsistencyInspector inspector, ToIntFunction<Session> read) {
        try (Session session =
                factory.withOptions().statementInspector(inspector.forSession()).openSession()) {
            return read.applyAsInt(session);
        }
    }

    @Test
    void anEntitysAnnotationDecidesForLoadsQueriesAndCollections() throws SQLException {
        lag();
        assertThat(read(session -> session.find(Account.class, 1).balance)).isEqualTo(2);
        assertThat(read(session -> session.find(Post.class, post).likes)).isEqualTo(1);
        assertThat(read(session -> session.find(Post.class, post).replies.size()))
                .as("a collection's own load")
                .isZero();
        assertThat(read(session -> session.createQuery("from Account where id = 1", Account.class)
                        .getSingleResult()
                        .balance))
                .isEqualTo(2);
        assertThat(read(session -> session.createQuery("select likes from Post where id = :id", int.class)
                        .setParameter("id", post)
                        .getSingleResult()))
                .isEqualTo(1);
        assertThat(read(session -> {
                    CriteriaQuery<Account> query = session.getCriteriaBuilder().createQuery(Account.class);
                    query.from(Account.class);
                    return session.createQuery(query).getSingleResult().balance;
                }))
                .isEqualTo(2);
    }

    @Test
    void aQueryOverSeveralEntitiesIsReadAtTheStrongest() throws SQLException {
        lag();
        String both = "select p.likes from Post p where p.id = :id and exists (select 1 from Account a)";
        assertThat(read(session -> session.createQuery(both, int.class)
                        .setParameter("id", post)
                        .getSingleResult()))
                .isEqualTo(2);
        SENT.clear();
        read(session -> session.createQuery("select p.id from Post p, Note n", Long.class)
                .getResultList()
                .size());
        assertThat(SENT)
                .as("Note says nothing, which is more than EVENTUAL")
                .noneMatch(sql -> sql.contains("CONSISTENCY"));
    }

    @Test
    void aQuerysHintGoesBeforeItsEntity() throws SQLException {
        lag();
        assertThat(read(session -> session.createQuery("select balance from Account where id = 1", int.class)
                        .setHint(ConsistencyHint.NAME, ConsistencyHint.of(EVENTUAL))
                        .getSingleResult()))
                .isEqualTo(1);
        assertThat(read(session -> session.createQuery("select likes from Post where id = :id", int.class)
                        .setParameter("id", post)
                        .setHint(ConsistencyHint.NAME, "CONSISTENCY(LINEARIZABLE WITHIN 3 SECONDS)")
                        .getSingleResult()))
                .isEqualTo(2);
    }

    @Test
    void aNamedQueryAndACriteriaQueryTakeTheHint() throws SQLException {
        lag();
        assertThat(read(session ->
                        session.createNamedQuery("cheap balance", int.class).getSingleResult()))
                .isEqualTo(1);
        assertThat(read(session -> session.createNamedQuery("cheap balance", int.class)
                        .setHint(ConsistencyHint.NAME, ConsistencyHint.of(LINEARIZABLE))
                        .getSingleResult()))
                .isEqualTo(2);
        assertThat(read(session -> {
                    CriteriaQuery<Account> query = session.getCriteriaBuilder().createQuery(Account.class);
                    query.from(Account.class);
                    return session.createQuery(query)
                            .setHint(ConsistencyHint.NAME, ConsistencyHint.of(EVENTUAL))
                            .getSingleResult()
                            .balance;
                }))
                .isEqualTo(1);
    }

    /** The entity's level, the session's and the query's find each other among comments, and never ask twice. */
    @Test
    void commentsAreNotInTheWay() throws SQLException {
        lag();
        try (SessionFactory commenting = new HibernatePersistenceConfiguration("comments")
                .jdbcUrl(cluster.url())
                .managedClasses(Account.class)
                .property("hibernate.use_sql_comments", true)
                .createEntityManagerFactory()) {
            String text = "select balance from Account where id = 1";
            try (Session session = commenting
                    .withOptions()
                    .statementInspector(ConsistencyInspector.reads(EVENTUAL).forSession())
                    .openSession()) {
                assertThat(session.createQuery(text, int.class)
                                .setComment("the shop window")
                                .getSingleResult())
                        .isEqualTo(1);
                assertThat(session.createQuery(text, int.class)
                                .setComment("the till")
                                .setHint("hibernate.query.database", ConsistencyHint.of(LINEARIZABLE))
                                .getSingleResult())
                        .isEqualTo(2);
            }
            assertThat(commenting.<Integer>fromSession(
                            session -> session.createQuery(text, int.class).getSingleResult()))
                    .isEqualTo(2);
            assertThat(commenting.<Integer>fromSession(session -> session.createQuery(text, int.class)
                            .setHint(ConsistencyHint.NAME, ConsistencyHint.of(EVENTUAL))
                            .getSingleResult()))
                    .isEqualTo(1);
        }
    }

    @Test
    void aNativeQueryTakesTheHintOrTheClause() throws SQLException {
        lag();
        String text = "select balance from Account where id = 1";
        assertThat(read(session -> session.createNativeQuery(text, int.class)
                        .setHint(ConsistencyHint.NAME, ConsistencyHint.of(EVENTUAL))
                        .getSingleResult()))
                .isEqualTo(1);
        assertThat(read(session -> session.createNativeQuery(text, int.class)
                        .setHint(ConsistencyHint.NAME, ConsistencyHint.of(LINEARIZABLE))
                        .getSingleResult()))
                .isEqualTo(2);
        assertThat(read(session -> session.createNativeQuery(text + " WITH CONSISTENCY LINEARIZABLE", int.class)
                        .getSingleResult()))
                .isEqualTo(2);
    }

    @Test
    void aSessionGoesBeforeEntitiesAndAfterQueries() throws SQLException {
        lag();
        assertThat(read(ConsistencyInspector.reads(EVENTUAL), session -> session.find(Account.class, 1).balance))
                .isEqualTo(1);
        assertThat(read(
                        ConsistencyInspector.reads(LINEARIZABLE),
                        session -> session.find(Post.class, post).replies.size()))
                .isEqualTo(1);
        assertThat(read(
                        ConsistencyInspector.reads(EVENTUAL),
                        session -> session.createQuery("select likes from Post where id = :id", int.class)
                                .setParameter("id", post)
                                .setHint(ConsistencyHint.NAME, ConsistencyHint.of(LINEARIZABLE))
                                .getSingleResult()))
                .isEqualTo(2);
    }

    @Test
    void aSessionsLevelReachesWritesOnlyWhenAsked() {
        Ladder ladder = Ladder.of(Rung.of(READ_YOUR_WRITE));
        for (boolean all : new boolean[] {false, true}) {
            List<String> sent = new ArrayList<>();
            ConsistencyInspector inspector =
                    all ? ConsistencyInspector.all(ladder) : ConsistencyInspector.reads(ladder);
            try (Session session = factory.withOptions()
                    .statementInspector((UnaryOperator<String>) sql -> {
                        sent.add(inspector.inspect(sql));
                        return sent.get(sent.size() - 1);
                    })
                    .openSession()) {
                session.beginTransaction();
                session.persist(new Note());
                session.find(Account.class, 1).balance++;
                session.getTransaction().commit();
            }
            assertThat(sent)
                    .filteredOn(sql -> sql.contains("CONSISTENCY(READ_YOUR_WRITE)"))
                    .hasSize(all ? 4 : 2);
        }
    }

    @Test
    void theDialectIsFoundAndTheReceiptIsReached() {
        assertThat(factory.unwrap(org.hibernate.engine.spi.SessionFactoryImplementor.class)
                        .getJdbcServices()
                        .getDialect())
                .isInstanceOf(H2Dialect.class)
                .isInstanceOf(io.tunabledb.hibernate.TunableDialect.class);
        factory.inTransaction(session -> {
            session.createQuery("from Post", Post.class).setMaxResults(1).getResultList();
            String decider = session.doReturningWork(connection -> {
                try (Statement statement = connection.createStatement();
                        ResultSet rows = statement.executeQuery("SHOW CONSISTENCY RECEIPT")) {
                    rows.next();
                    return rows.getString("ASKED") + " by " + rows.getString("DECIDED_BY");
                }
            });
            assertThat(decider).startsWith("EVENTUAL by ");
        });
    }

    @Test
    void anOptimisticLockIsKept() {
        Account stale = factory.fromSession(session -> session.find(Account.class, 1));
        factory.inTransaction(session -> session.find(Account.class, 1).balance = 7);
        stale.balance = 8;
        assertThatThrownBy(() -> factory.inTransaction((Consumer<Session>) session -> session.merge(stale)))
                .isInstanceOf(OptimisticLockException.class);
        assertThat(read(session -> session.find(Account.class, 1).balance)).isEqualTo(7);
    }

    @Test
    void aPessimisticLockHoldsTheOthersBack() {
        factory.inTransaction(first -> {
            first.find(Account.class, 1, LockModeType.PESSIMISTIC_WRITE);
            assertThatThrownBy(() -> factory.inTransaction((Consumer<Session>) second -> {
                        second.createNativeMutationQuery("SET LOCK_TIMEOUT 50").executeUpdate();
                        second.find(Account.class, 1, LockModeType.PESSIMISTIC_WRITE);
                    }))
                    .isInstanceOfAny(
                            jakarta.persistence.LockTimeoutException.class,
                            jakarta.persistence.PessimisticLockException.class);
        });
    }

    @Test
    void aTransactionToRetryIsToldAsOne() {
        assertThatThrownBy(() -> factory.inTransaction((Consumer<Session>) session -> {
                    session.find(Account.class, 1).balance = 9;
                    session.flush();
                    alter();
                    session.find(Account.class, 1).balance = 10;
                }))
                .satisfies(e -> assertThat(stateOf(e)).isEqualTo("40001"));
    }

    /** Run again as a whole, it is done. */
    @Test
    void aTransactionThatIsRetriedSucceeds() {
        List<String> states = new ArrayList<>();
        for (boolean isDone = false; !isDone; ) {
            try {
                factory.inTransaction((Consumer<Session>) session -> {
                    session.find(Account.class, 1).balance = 11;
                    session.flush();
                    if (states.isEmpty()) {
                        alter();
                    }
                });
                isDone = true;
            } catch (jakarta.persistence.PersistenceException e) {
                states.add(stateOf(e));
                assertThat(states).as("it is retried, not for ever").hasSizeLessThan(10);
            }
        }
        assertThat(states).containsOnly("40001");
        assertThat(read(session -> session.find(Account.class, 1).balance)).isEqualTo(11);
    }

    /** A schema change waits its grace, then rolls back what is in its way. */
    private static void alter() {
        try {
            cluster.run("ALTER TABLE Account ALTER COLUMN balance SET DEFAULT 0");
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static String stateOf(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                return sql.getSQLState();
            }
        }
        return "none";
    }

    @Entity(name = "Misspelt")
    @Consistency("STRONGISH")
    static class Misspelt {
        @Id
        int id;
    }

    @Test
    void aWrongLevelSaysWhatIsRight() {
        assertThatThrownBy(() -> read(session -> session.createNativeQuery("select 1", int.class)
                        .setHint(ConsistencyHint.NAME, "CONSISTENCY(STRONGISH)")
                        .getSingleResult()))
                .hasStackTraceContaining("STRONGISH");
        assertThatThrownBy(() -> {
                    try (SessionFactory misspelt = new HibernatePersistenceConfiguration("misspelt")
                            .jdbcUrl(cluster.url())
                            .managedClasses(Misspelt.class)
                            .createEntityManagerFactory()) {
                        misspelt.inSession(session -> session.find(Misspelt.class, 1));
                    }
                })
                .hasStackTraceContaining("STRONGISH")
                .hasStackTraceContaining("LINEARIZABLE");
    }
}
