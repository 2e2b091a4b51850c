package io.tunabledb.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tunabledb.integration.Pools.On;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.configuration.annotation.EnableBatchProcessing;
import org.springframework.batch.core.configuration.annotation.EnableJdbcJobRepository;
import org.springframework.batch.core.configuration.annotation.StepScope;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.job.JobInstance;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.job.parameters.JobParameters;
import org.springframework.batch.core.job.parameters.JobParametersBuilder;
import org.springframework.batch.core.launch.JobExecutionAlreadyRunningException;
import org.springframework.batch.core.launch.JobInstanceAlreadyCompleteException;
import org.springframework.batch.core.launch.JobOperator;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.Step;
import org.springframework.batch.core.step.StepExecution;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.infrastructure.item.ExecutionContext;
import org.springframework.batch.infrastructure.item.ItemProcessor;
import org.springframework.batch.infrastructure.item.database.JdbcBatchItemWriter;
import org.springframework.batch.infrastructure.item.database.JdbcPagingItemReader;
import org.springframework.batch.infrastructure.item.database.Order;
import org.springframework.batch.infrastructure.item.database.builder.JdbcBatchItemWriterBuilder;
import org.springframework.batch.infrastructure.item.database.builder.JdbcPagingItemReaderBuilder;
import org.springframework.batch.infrastructure.repeat.RepeatStatus;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;

/** Spring Batch with its JDBC job repository, two instances of an application, each a context of its own. */
class SpringBatchTest {
    private static final int ROWS = 400;
    private static final int PARTITIONS = 4;
    private static final int LAUNCHERS = 6;
    private static final int ROUNDS = 4;

    /** An item to copy. */
    record Item(int id, int amount) {}

    /** Which item fails while it is there; 0: none. */
    static final class Fault {
        private final AtomicInteger item = new AtomicInteger();
    }

    /** As an application configures it: a job in partitions, read by pages, written in chunks. */
    @Configuration
    @EnableBatchProcessing
    @EnableJdbcJobRepository
    static class Instance {
        @Bean
        PlatformTransactionManager transactionManager(DataSource dataSource) {
            return new JdbcTransactionManager(dataSource);
        }

        @Bean
        @StepScope
        JdbcPagingItemReader<Item> reader(
                DataSource dataSource,
                @Value("#{stepExecutionContext['from']}") int from,
                @Value("#{stepExecutionContext['to']}") int to)
                throws Exception {
            return new JdbcPagingItemReaderBuilder<Item>()
                    .name("reader")
                    .dataSource(dataSource)
                    .selectClause("id, amount")
                    .fromClause("source")
                    .whereClause("id >= :from AND id < :to")
                    .parameterValues(Map.of("from", from, "to", to))
                    .sortKeys(Map.of("id", Order.ASCENDING))
                    .pageSize(17)
                    .rowMapper((row, number) -> new Item(row.getInt("id"), row.getInt("amount")))
                    .build();
        }

        @Bean
        JdbcBatchItemWriter<Item> writer(DataSource dataSource) {
            return new JdbcBatchItemWriterBuilder<Item>()
                    .dataSource(dataSource)
                    .sql("INSERT INTO target(id, amount) VALUES (?, ?)")
                    .itemPreparedStatementSetter((item, statement) -> {
                        statement.setInt(1, item.id());
                        statement.setInt(2, item.amount());
                    })
                    .build();
        }

        @Bean
        Step worker(
                JobRepository repository,
                PlatformTransactionManager transactions,
                JdbcPagingItemReader<Item> reader,
                JdbcBatchItemWriter<Item> writer,
                Fault fault) {
            ItemProcessor<Item, Item> processor = item -> {
                if (item.id() == fault.item.get()) {
                    throw new IllegalStateException("as planned");
                }
                return item;
            };
            return new StepBuilder("worker", repository)
                    .<Item, Item>chunk(20)
                    .transactionManager(transactions)
                    .reader(reader)
                    .processor(processor)
                    .writer(writer)
                    .build();
        }

        @Bean
        Job copy(JobRepository repository, Step worker) {
            Step partitioned = new StepBuilder("copy", repository)
                    .partitioner("worker", Instance::partitions)
                    .step(worker)
                    .gridSize(PARTITIONS)
                    .taskExecutor(new SimpleAsyncTaskExecutor("partition"))
                    .build();
            return new JobBuilder("copy", repository).start(partitioned).build();
        }

        private static Map<String, ExecutionContext> partitions(int count) {
            Map<String, ExecutionContext> partitions = new HashMap<>();
            for (int i = 0; i < count; i++) {
                ExecutionContext context = new ExecutionContext();
                context.putInt("from", 1 + i * ROWS / count);
                context.putInt("to", 1 + (i + 1) * ROWS / count);
                partitions.put("part " + i, context);
            }
            return partitions;
        }

        @Bean
        Job once(JobRepository repository, PlatformTransactionManager transactions, DataSource dataSource) {
            return new JobBuilder("once", repository)
                    .start(new StepBuilder("count", repository)
                            .tasklet(
                                    (contribution, chunk) -> {
                                        Pools.script((HikariDataSource) dataSource, "UPDATE runs SET n = n + 1");
                                        return RepeatStatus.FINISHED;
                                    },
                                    transactions)
                            .build())
                    .build();
        }
    }

    private static ConfigurableApplicationContext instance(HikariDataSource pool, Fault fault) {
        AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
        // the test closes it
        context.registerBean("dataSource", HikariDataSource.class, () -> pool, bean -> bean.setDestroyMethodName(""));
        context.registerBean(Fault.class, () -> fault);
        context.register(Instance.class);
        context.refresh();
        return context;
    }

    private static JobOperator operator(ConfigurableApplicationContext instance) {
        return instance.getBean(JobOperator.class);
    }

    @ParameterizedTest
    @EnumSource(On.class)
    void twoInstancesShareTheirJobs(On on) throws Exception {
        Fault fault = new Fault();
        try (Pools pools = new Pools(on)) {
            HikariDataSource pool = pools.pool();
            Pools.script(pool, Pools.resource("org/springframework/batch/core/schema-h2.sql"));
            Pools.script(
                    pool,
                    "CREATE TABLE source(id INT PRIMARY KEY, amount INT);"
                            + "INSERT INTO source SELECT x, x FROM SYSTEM_RANGE(1, " + ROWS + ");"
                            + "CREATE TABLE target(id INT PRIMARY KEY, amount INT);"
                            + "CREATE TABLE runs(n INT); INSERT INTO runs VALUES (0)");
            try (ConfigurableApplicationContext one = instance(pool, fault);
                    ConfigurableApplicationContext two = instance(pools.pool(), fault)) {
                oneEndsWhatTheOtherBegan(one, two, fault, pool);
                oneOfManyLaunchesWins(List.of(one, two), pool);
            }
            pools.requireSameReplicas();
        }
    }

    private static void oneEndsWhatTheOtherBegan(
            ConfigurableApplicationContext one, ConfigurableApplicationContext two, Fault fault, HikariDataSource pool)
            throws Exception {
        JobParameters parameters = new JobParametersBuilder()
                .addString("of", "both")
                .addDouble("rate", 0.1)
                .toJobParameters();
        fault.item.set(ROWS - 7);
        JobExecution failed = operator(one).start(one.getBean("copy", Job.class), parameters);
        assertThat(failed.getStatus()).isEqualTo(BatchStatus.FAILED);
        // what was committed chunk by chunk stays
        assertThat(Pools.ask(pool, "SELECT COUNT(*) FROM target")).isEqualTo(String.valueOf(ROWS - 20));

        fault.item.set(0);
        JobRepository repository = two.getBean(JobRepository.class);
        JobExecution again = operator(two).start(two.getBean("copy", Job.class), parameters);
        assertThat(again.getAllFailureExceptions()).isEmpty();
        assertThat(again.getStatus()).isEqualTo(BatchStatus.COMPLETED);
        assertThat(again.getJobInstanceId()).isEqualTo(failed.getJobInstanceId());
        assertThat(Pools.ask(pool, "SELECT COUNT(*) || ' ' || SUM(amount) FROM target"))
                .isEqualTo(ROWS + " " + ROWS * (ROWS + 1) / 2);
        // only the partition that had failed was run again, from its last chunk
        JobExecution read = one.getBean(JobRepository.class).getLastJobExecution("copy", parameters);
        assertThat(read.getId()).isEqualTo(again.getId());
        assertThat(read.getStepExecutions())
                .extracting(StepExecution::getStatus)
                .containsOnly(BatchStatus.COMPLETED)
                .hasSize(2);
        assertThat(repository.getJobInstances("copy", 0, 10))
                .extracting(JobInstance::getInstanceId)
                .containsExactly(again.getJobInstanceId());
        for (ConfigurableApplicationContext instance : List.of(one, two)) {
            assertThat(refusal(() -> operator(instance).start(instance.getBean("copy", Job.class), parameters)))
                    .isInstanceOf(JobInstanceAlreadyCompleteException.class);
        }
    }

    private interface Launch {
        JobExecution run() throws Exception;
    }

    private static Exception refusal(Launch launch) {
        try {
            throw new AssertionError("not refused: " + launch.run());
        } catch (Exception e) {
            return e;
        }
    }

    private static void oneOfManyLaunchesWins(List<ConfigurableApplicationContext> instances, HikariDataSource pool)
            throws Exception {
        ExecutorService launchers = Executors.newFixedThreadPool(LAUNCHERS);
        try {
            for (int i = 0; i < ROUNDS; i++) {
                JobParameters parameters =
                        new JobParametersBuilder().addLong("round", (long) i).toJobParameters();
                CyclicBarrier together = new CyclicBarrier(LAUNCHERS);
                List<Future<Integer>> all = new ArrayList<>();
                for (int k = 0; k < LAUNCHERS; k++) {
                    ConfigurableApplicationContext instance = instances.get(k % 2);
                    all.add(launchers.submit(() -> {
                        together.await();
                        return launch(instance, parameters);
                    }));
                }
                int won = 0;
                for (Future<Integer> one : all) {
                    won += one.get();
                }
                assertThat(won).as("completed in round %d", i).isEqualTo(1);
            }
        } finally {
            launchers.shutdownNow();
        }
        assertRanOnceEach(pool);
    }

    private static void assertRanOnceEach(HikariDataSource pool) throws SQLException {
        String rounds = String.valueOf(ROUNDS);
        assertThat(Pools.ask(pool, "SELECT n FROM runs")).isEqualTo(rounds);
        assertThat(Pools.ask(pool, "SELECT COUNT(*) FROM BATCH_JOB_INSTANCE WHERE JOB_NAME = 'once'"))
                .isEqualTo(rounds);
        assertThat(Pools.ask(
                        pool,
                        "SELECT COUNT(*) FROM BATCH_JOB_EXECUTION E JOIN BATCH_JOB_INSTANCE I"
                                + " ON E.JOB_INSTANCE_ID = I.JOB_INSTANCE_ID"
                                + " WHERE I.JOB_NAME = 'once' AND E.STATUS = 'COMPLETED'"))
                .isEqualTo(rounds);
    }

    /** Whoever comes second is told so by Spring Batch, or by a constraint or a conflict of the database. */
    private static int launch(ConfigurableApplicationContext instance, JobParameters parameters) throws Exception {
        try {
            JobExecution execution = operator(instance).start(instance.getBean("once", Job.class), parameters);
            assertThat(execution.getAllFailureExceptions()).isEmpty();
            return 1;
        } catch (JobExecutionAlreadyRunningException
                | JobInstanceAlreadyCompleteException
                | DuplicateKeyException
                | TransientDataAccessException e) {
            return 0;
        } catch (IllegalStateException e) {
            // another's instance came to be since it was asked for, and has no execution yet
            assertThat(e.getMessage())
                    .matches("JobInstance must not already exist|Cannot find any job execution for job instance.*");
            return 0;
        }
    }
}
