package io.tunabledb.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.zaxxer.hikari.HikariDataSource;
import io.tunabledb.integration.Pools.On;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.ibatis.annotations.Insert;
import org.apache.ibatis.annotations.Param;
import org.apache.ibatis.annotations.Select;
import org.apache.ibatis.annotations.Update;
import org.apache.ibatis.mapping.Environment;
import org.apache.ibatis.session.Configuration;
import org.apache.ibatis.session.SqlSession;
import org.apache.ibatis.session.SqlSessionFactory;
import org.apache.ibatis.session.SqlSessionFactoryBuilder;
import org.apache.ibatis.transaction.jdbc.JdbcTransactionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobExecutionContext;
import org.quartz.SchedulerException;
import org.quartz.SimpleScheduleBuilder;
import org.quartz.TriggerBuilder;
import org.quartz.impl.StdSchedulerFactory;

/**
 * Libraries whose instances share out work through the database, on the default URL: two instances, each with a pool of its
 * own, and every piece of work is done once.
 */
class CoordinatedWorkTest {
    private static final int WORK = 40;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private Pools pools;

    @BeforeEach
    void start() {
        pools = new Pools(On.DEFAULT);
    }

    @AfterEach
    void stop() {
        pools.close();
    }

    private static void everyPieceOnce(Map<String, AtomicInteger> done) {
        await().atMost(PATIENCE).until(() -> done.size() == WORK);
        assertThat(done.values()).allSatisfy(times -> assertThat(times).hasValue(1));
    }

    /** As its documentation has it for H2 ({@code hsql_tables.sql}). */
    @Test
    void dbSchedulerRunsEveryTaskOnce() throws SQLException {
        HikariDataSource first = pools.pool();
        Pools.script(
                first,
                "CREATE TABLE scheduled_tasks(task_name VARCHAR(250), task_instance VARCHAR(250), task_data BLOB,"
                        + " execution_time TIMESTAMP WITH TIME ZONE, picked BOOLEAN, picked_by VARCHAR(50),"
                        + " last_success TIMESTAMP WITH TIME ZONE, last_failure TIMESTAMP WITH TIME ZONE,"
                        + " consecutive_failures INT, last_heartbeat TIMESTAMP WITH TIME ZONE, version BIGINT,"
                        + " PRIMARY KEY (task_name, task_instance))");
        Map<String, AtomicInteger> done = new ConcurrentHashMap<>();
        OneTimeTask<Void> task = Tasks.oneTime("piece")
                .execute((instance, context) -> done.computeIfAbsent(instance.getId(), any -> new AtomicInteger())
                        .incrementAndGet());
        List<Scheduler> schedulers = new ArrayList<>();
        for (HikariDataSource pool : List.of(first, pools.pool())) {
            schedulers.add(Scheduler.create(pool, task)
                    .schedulerName(new SchedulerName.Fixed("instance " + schedulers.size()))
                    .pollingInterval(Duration.ofMillis(100))
                    .threads(4)
                    .build());
        }
        schedulers.forEach(Scheduler::start);
        try {
            for (int i = 0; i < WORK; i++) {
                schedulers.get(i % 2).schedule(task.instance("piece " + i), Instant.now());
            }
            everyPieceOnce(done);
            // what is done is gone, for both
            await().atMost(PATIENCE)
                    .until(() -> schedulers.stream()
                            .allMatch(one -> one.getScheduledExecutions().isEmpty()));
        } finally {
            schedulers.forEach(Scheduler::stop);
        }
    }

    /** Counts its runs by the name of its trigger. */
    public static final class Piece implements Job {
        static final Map<String, AtomicInteger> DONE = new ConcurrentHashMap<>();

        /** For Quartz. */
        public Piece() {}

        @Override
        public void execute(JobExecutionContext context) {
            DONE.computeIfAbsent(context.getTrigger().getKey().getName(), any -> new AtomicInteger())
                    .incrementAndGet();
        }
    }

    /** In a cluster, as its documentation sets it up, with the tables that are in its jar. */
    @Test
    void quartzFiresEveryTriggerOnce() throws SQLException, SchedulerException, IOException {
        Pools.script(
                pools.pool(),
                Pools.resource("org/quartz/impl/jdbcjobstore/tables_h2.sql").replace("COMMIT;", ""));
        List<org.quartz.Scheduler> schedulers = List.of(quartz("one"), quartz("two"));
        try {
            for (int i = 0; i < WORK; i++) {
                schedulers
                        .get(i % 2)
                        .scheduleJob(
                                JobBuilder.newJob(Piece.class)
                                        .withIdentity("job " + i)
                                        .build(),
                                TriggerBuilder.newTrigger()
                                        .withIdentity("piece " + i)
                                        .withSchedule(SimpleScheduleBuilder.simpleSchedule())
                                        .build());
            }
            for (org.quartz.Scheduler scheduler : schedulers) {
                scheduler.start();
            }
            everyPieceOnce(Piece.DONE);
        } finally {
            for (org.quartz.Scheduler scheduler : schedulers) {
                scheduler.shutdown(true);
            }
        }
    }

    private org.quartz.Scheduler quartz(String instance) throws SchedulerException {
        Properties properties = new Properties();
        properties.putAll(Map.of(
                "org.quartz.scheduler.instanceName", "shared",
                "org.quartz.scheduler.instanceId", instance,
                "org.quartz.scheduler.skipUpdateCheck", "true",
                "org.quartz.threadPool.threadCount", "4",
                "org.quartz.jobStore.class", "org.quartz.impl.jdbcjobstore.JobStoreTX",
                "org.quartz.jobStore.driverDelegateClass", "org.quartz.impl.jdbcjobstore.StdJDBCDelegate",
                "org.quartz.jobStore.isClustered", "true",
                "org.quartz.jobStore.dataSource", "db"));
        properties.putAll(Map.of(
                "org.quartz.dataSource.db.provider", "hikaricp",
                "org.quartz.dataSource.db.driver", "io.tunabledb.jdbc.TunableDriver",
                "org.quartz.dataSource.db.URL", pools.url(),
                "org.quartz.dataSource.db.maxConnections", "6"));
        // two of one name in a JVM: each needs a factory of its own, and no repository that knows the other
        return new StdSchedulerFactory(properties) {
            @Override
            public org.quartz.Scheduler getScheduler() throws SchedulerException {
                org.quartz.impl.SchedulerRepository.getInstance().remove("shared");
                return super.getScheduler();
            }
        }.getScheduler();
    }

    /** A mapper as people write them. */
    interface Accounts {
        @Insert("INSERT INTO account VALUES (#{id}, #{balance})")
        int open(@Param("id") int id, @Param("balance") int balance);

        @Update("UPDATE account SET balance = balance + #{amount} WHERE id = #{id}")
        int add(@Param("id") int id, @Param("amount") int amount);

        @Select("SELECT balance FROM account WHERE id = #{id}")
        Integer balance(int id);
    }

    private SqlSessionFactory myBatis() {
        Configuration configuration =
                new Configuration(new Environment("test", new JdbcTransactionFactory(), pools.pool()));
        configuration.addMapper(Accounts.class);
        return new SqlSessionFactoryBuilder().build(configuration);
    }

    /** Each session has another connection of the pool, and the other instance another pool. */
    @Test
    void myBatisFindsWhatItCommitted() throws SQLException {
        Pools.script(pools.pool(), "CREATE TABLE account(id INT PRIMARY KEY, balance INT)");
        List<SqlSessionFactory> instances = List.of(myBatis(), myBatis());
        for (int i = 0; i < WORK; i++) {
            try (SqlSession session = instances.get(i % 2).openSession()) {
                Accounts accounts = session.getMapper(Accounts.class);
                assertThat(accounts.open(i, 1)).isEqualTo(1);
                session.commit();
            }
            try (SqlSession session = instances.get((i + 1) % 2).openSession()) {
                Accounts accounts = session.getMapper(Accounts.class);
                assertThat(accounts.balance(i)).as("account %d", i).isEqualTo(1);
                assertThat(accounts.add(i, i)).isEqualTo(1);
                assertThat(accounts.balance(i)).as("within its transaction").isEqualTo(i + 1);
                session.commit();
            }
            try (SqlSession session = instances.get(i % 2).openSession(true)) {
                assertThat(session.getMapper(Accounts.class).balance(i)).isEqualTo(i + 1);
            }
        }
    }
}
