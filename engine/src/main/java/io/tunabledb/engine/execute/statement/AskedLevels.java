package io.tunabledb.engine.execute.statement;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Operation;
import io.tunabledb.consistency.Rung;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.negotiate.Ask;
import io.tunabledb.engine.plan.Plan;
import io.tunabledb.sql.Statement;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The levels that a session asks of statements that ask none themselves: its transaction's, what it SET, its URL's. */
public final class AskedLevels {
    private static final Ladder SEQUENTIAL = Ladder.of(Level.SEQUENTIAL);

    private final SessionState state;
    private final DecisionVersion version;
    private final @Nullable Ladder ofUrl;
    private final String userType;
    private @Nullable Ladder read;
    private @Nullable Ladder write;

    AskedLevels(SessionState state, DecisionVersion version, @Nullable Ladder ofUrl, String userType) {
        this.state = state;
        this.version = version;
        this.ofUrl = ofUrl;
        this.userType = userType;
    }

    /** SET CONSISTENCY FOR READ, or null. */
    public @Nullable Ladder read() {
        return read;
    }

    /** SET CONSISTENCY FOR WRITE, or null. */
    public @Nullable Ladder write() {
        return write;
    }

    /** The URL's, or null. */
    public @Nullable Ladder ofUrl() {
        return ofUrl;
    }

    public void set(@Nullable Ladder ofReads, @Nullable Ladder ofWrites) {
        read = ofReads;
        write = ofWrites;
        version.changed();
    }

    /** SET TRANSACTION CONSISTENCY, or null. */
    public @Nullable Rung transaction() {
        return state.mode().rung();
    }

    /** Until the transaction ends. */
    public void transaction(Rung rung) {
        state.mode().rung(rung);
        version.changed();
    }

    Ask ask(Statement.Sql statement, Plan plan) {
        boolean isRead = plan.kind() == Plan.Kind.READ;
        return new Ask(
                statement.asked(),
                transaction(),
                isRead ? read : write,
                ofUrl,
                state.access().userType(userType));
    }

    /** How long a read that says nothing waits for what the session has seen. */
    public Duration readPatience() {
        Rung transaction = transaction();
        Ladder ladder = Objects.requireNonNullElse(read, Objects.requireNonNullElse(ofUrl, SEQUENTIAL));
        return patience(transaction == null ? ladder.first() : transaction);
    }

    /** How long a statement that is not decided yet waits for what the session has seen. */
    Duration patience(Statement.Sql statement) {
        Statement.Asked asked = statement.asked();
        return asked != null
                ? patience(asked.ladder().first())
                : statement.operation() == Operation.SELECT ? readPatience() : state.consistencyTimeout();
    }

    /** How long a level lets a statement wait for what the session has seen. */
    public Duration patience(Rung rung) {
        return rung.level() == Level.EVENTUAL || rung.level() == Level.READ_UNCOMMITTED
                ? Duration.ZERO
                : Objects.requireNonNullElse(rung.within(), state.consistencyTimeout());
    }
}
