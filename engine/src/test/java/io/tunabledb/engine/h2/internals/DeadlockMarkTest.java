package io.tunabledb.engine.h2.internals;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.h2.Replicas;
import io.tunabledb.engine.h2.Writer;
import java.lang.reflect.Field;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicLong;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.tx.Transaction;
import org.junit.jupiter.api.Test;

final class DeadlockMarkTest {
    @Test
    void aMarkedIdleTransactionStillCommits() throws Exception {
        try (Replicas replicas = new Replicas()) {
            replicas.defined("CREATE TABLE T(ID INT PRIMARY KEY)");
            try (Writer writer = replicas.leader.openWriter();
                    Statement statement = writer.connection().createStatement()) {
                statement.execute("INSERT INTO T VALUES(1)");
                Transaction transaction =
                        H2Instance.session((JdbcConnection) writer.connection()).getTransaction();
                mark(transaction);
                assertThat(DeadlockMark.isOn(transaction)).isTrue();
                replicas.commit(writer);
                assertThat(writer.changes()).isNull();
            }
            replicas.assertSame();
            assertThat(Replicas.rows(replicas.leader, "SELECT * FROM T")).hasSize(1);
        }
    }

    /** As H2 does from another thread. */
    private static void mark(Transaction transaction) throws Exception {
        Field field = Transaction.class.getDeclaredField("statusAndLogId");
        field.setAccessible(true);
        AtomicLong state = (AtomicLong) field.get(transaction);
        state.updateAndGet(old -> (old & ~(0xfL << 41)) | (4L << 41));
        assertThat(transaction)
                .hasToString(transaction.getId() + "(" + transaction.getSequenceNum() + ") ROLLING_BACK 1");
    }

    /** As H2 said it once, under load, when the mark came while a statement was being taken back. */
    @Test
    void aStatementThatFailsForAMarkThatIsOffAgainEndsTheTransaction() throws Exception {
        try (Replicas replicas = new Replicas()) {
            replicas.defined("CREATE TABLE T(ID INT PRIMARY KEY)");
            Writer writer = replicas.leader.openWriter();
            try (Statement statement = writer.connection().createStatement()) {
                statement.execute("INSERT INTO T VALUES (1)");
                SQLException failure = new SQLException(
                        "General error: \"Transaction was illegally transitioned from ROLLING_BACK to ROLLING_BACK\"",
                        "HY000",
                        50_000);
                assertThat(writer.failed(failure).getSQLState()).isEqualTo("40001");
                assertThat(writer.changes()).as("nothing is left").isNull();
                SQLException other = new SQLException("General error: \"x\"", "HY000", 50_000);
                assertThat(writer.failed(other).getSQLState()).isEqualTo("HY000");
            } finally {
                writer.close();
            }
        }
    }
}
