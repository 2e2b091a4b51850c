package io.tunabledb.engine.shard.apply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.h2.Storage;
import io.tunabledb.engine.h2.Writer;
import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.shard.cut.Epochs;
import io.tunabledb.engine.shard.held.ActiveTransaction;
import io.tunabledb.engine.shard.held.ActiveTransactions;
import io.tunabledb.engine.shard.held.LockOwner;
import io.tunabledb.engine.shard.twophase.PreparedTransactions;
import io.tunabledb.engine.shard.validation.Validation;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LockPauseTest {
    private static final long TERM = 3;

    private final Storage storage = Storage.create("PAUSE");
    private final ActiveTransactions activeTransactions = new ActiveTransactions(Runnable::run);
    private final LockPause locks = new LockPause(
            activeTransactions,
            new PreparedTransactions(
                    0,
                    () -> storage,
                    new Epochs(() -> storage),
                    activeTransactions,
                    new Validation(activeTransactions::oldestRead)));

    @BeforeEach
    void start() {
        storage.define(LedgerRow.unasked(1, 1), new SchemaChange("PUBLIC", "CREATE TABLE T(ID INT PRIMARY KEY)"));
    }

    @AfterEach
    void close() {
        storage.close();
    }

    private ActiveTransaction inserted(int id) throws SQLException {
        Writer writer = storage.openWriter();
        ActiveTransaction held =
                activeTransactions.begin(term -> new ActiveTransaction(term, LockOwner.now(id), writer, null));
        insert(writer, id);
        return held;
    }

    private static void insert(Writer writer, int id) throws SQLException {
        try (Statement statement = writer.connection().createStatement()) {
            statement.execute("SET LOCK_TIMEOUT 50");
            statement.execute("INSERT INTO T VALUES (" + id + ")");
        }
    }

    @Test
    void whatIsOpenHasLetGoOfItsLocksWhenTheWorkIsDone() throws SQLException {
        activeTransactions.admit(TERM);
        ActiveTransaction open = inserted(1);
        try (Writer other = storage.openWriter()) {
            assertThatThrownBy(() -> insert(other, 1)).as("held").isInstanceOf(SQLException.class);
            other.rollback();
            locks.hold("the test needs its locks", () -> {
                assertThat(activeTransactions.isHeldUp())
                        .as("nobody comes in meanwhile")
                        .isTrue();
                try {
                    insert(other, 1);
                } catch (SQLException e) {
                    throw new AssertionError(e);
                }
            });
            other.rollback();
        }
        assertThat(activeTransactions.isHeldUp()).isFalse();
        assertThat(activeTransactions.term()).as("it leads on").isEqualTo(TERM);
        assertThat(open.enter()).as("it is lost").isFalse();
        assertThat(inserted(2).enter()).as("others come in again").isTrue();
    }

    @Test
    void workThatFailsLetsOthersInAgain() {
        activeTransactions.admit(TERM);
        assertThatThrownBy(() -> locks.hold("the test needs its locks", () -> {
                    throw new IllegalStateException("broken");
                }))
                .hasMessage("broken");
        assertThat(activeTransactions.isHeldUp()).isFalse();
    }

    @Test
    void whereNobodyLeadsNothingIsHeldAgain() throws SQLException {
        activeTransactions.admit(TERM);
        ActiveTransaction open = inserted(1);
        long lost = activeTransactions.refuse();
        assertThat(lost).isEqualTo(TERM);
        locks.holdAgain();
        assertThat(open.enter()).as("left alone").isTrue();
        open.leave();
        activeTransactions.rollBackUnproposed(lost);
        assertThat(open.enter()).isFalse();
    }
}
