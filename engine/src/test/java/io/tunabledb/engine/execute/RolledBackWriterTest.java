package io.tunabledb.engine.execute;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.h2.Writer;
import io.tunabledb.engine.shard.ShardLeader;
import io.tunabledb.engine.shard.held.ActiveTransaction;
import java.sql.Connection;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A schema change rolls transactions back on threads of its own; their sessions go on with the same writers meanwhile. */
class RolledBackWriterTest {

    @Test
    void aTransactionIsNotUndoneWithTheOneBeforeIt() throws Exception {
        try (Accounts accounts = new Accounts()) {
            ShardLeader leader = accounts.leader(0);
            Writer writer = leader.openWriter();
            SessionState session = accounts.session();
            ActiveTransaction lost = leader.begin(writer, session.id());
            assertThat(lost.enter()).isTrue();
            update(writer, 1);
            CompletableFuture<Void> other = CompletableFuture.runAsync(() -> leader.rollBack(lost));
            Accounts.until(() -> !lost.isOpen());
            // the other can't undo it yet, and this session already has the next
            ActiveTransaction next = leader.begin(writer, session.id());
            assertThat(next.enter()).isTrue();
            update(writer, 2);
            next.leave();
            lost.leave();
            other.get(10, TimeUnit.SECONDS);
            assertThat(next.enter()).isTrue();
            byte[] changes = writer.changes();
            next.leave();
            leader.rollBack(next);
            assertThat(changes).as("what the second did").isNotNull();
            assertThat(accounts.balance(0, 1)).isEqualTo(Accounts.EACH);
        }
    }

    /** H2 commits what is open when a session's isolation changes. */
    @Test
    void aTransactionThatIsLostIsNotKeptByTheNextOnesIsolation() throws Exception {
        try (Accounts accounts = new Accounts()) {
            ShardLeader leader = accounts.leader(0);
            Writer writer = leader.openWriter();
            ActiveTransaction lost = leader.begin(writer, accounts.session().id());
            assertThat(lost.enter()).isTrue();
            update(writer, 1);
            CompletableFuture<Void> other = CompletableFuture.runAsync(() -> leader.rollBack(lost));
            Accounts.until(() -> !lost.isOpen());
            writer.isolate(Connection.TRANSACTION_SERIALIZABLE);
            lost.leave();
            other.get(10, TimeUnit.SECONDS);
            assertThat(accounts.balance(0, 1)).isEqualTo(Accounts.EACH);
        }
    }

    private static void update(Writer writer, int row) throws Exception {
        try (Statement statement = writer.connection().createStatement()) {
            statement.execute(Accounts.move(row, 1));
        }
    }
}
