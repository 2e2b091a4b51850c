package io.tunabledb.engine;

import io.tunabledb.consistency.Operation;
import io.tunabledb.consistency.Rung;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.api.StatementOptions;
import io.tunabledb.engine.execute.session.Meaning;
import io.tunabledb.engine.execute.session.StorageStatement;
import io.tunabledb.engine.execute.statement.Decision;
import io.tunabledb.sql.Statement;
import io.tunabledb.sql.Statement.Trait;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One statement of a session's text, with what was decided for it last and what storage has compiled it as. */
final class DecidedStatement {
    private final EmbeddedSession session;
    private final Statement statement;
    /** Null for a command of our own, of which storage hears nothing. */
    private final @Nullable StorageStatement stored;

    private @Nullable Decision decision;

    DecidedStatement(EmbeddedSession session, Statement statement, StatementOptions options, Meaning meaning) {
        this.session = session;
        this.statement = statement;
        this.stored =
                statement instanceof Statement.Sql sql ? new StorageStatement(sql.text(), options, meaning) : null;
    }

    boolean isNumbered() {
        return statement instanceof Statement.Sql sql && sql.traits().contains(Trait.NUMBERED_PARAMETERS);
    }

    int parameterCount() {
        return statement instanceof Statement.Sql sql ? sql.parameterCount() : 0;
    }

    /** Whether it gives rows; known without executing it. */
    boolean isQuery() {
        return statement instanceof Statement.Sql sql
                ? sql.operation().isRead()
                : statement instanceof Statement.ShowConsistency
                        || statement instanceof Statement.ExplainConsistency
                        || statement instanceof Statement.CheckReplicas;
    }

    boolean isDefinition() {
        return statement instanceof Statement.Sql sql && sql.operation() == Operation.DDL;
    }

    /** What storage is given; null for a command of our own. */
    @Nullable
    StorageStatement stored() {
        return stored;
    }

    Result execute(Parameters parameters) throws SQLException {
        StorageStatement text = stored;
        if (text == null || !(statement instanceof Statement.Sql sql)) {
            return session.command(statement);
        }
        Decision now = decide(sql);
        session.requireOpen();
        return session.paths().statements().execute(sql, now, text, parameters);
    }

    /** Null when its elements must be executed one by one: it changes no rows. */
    @Nullable
    List<Result> executeBatch(List<Parameters> batch) throws SQLException {
        StorageStatement text = stored;
        if (text == null || !(statement instanceof Statement.Sql sql)) {
            return null;
        }
        Decision now = decide(sql);
        // H2 commits on the session's own definitions, which end the transaction first, each on its own
        if (!now.plan().isWrite() || isDefinition()) {
            return null;
        }
        if (batch.isEmpty()) {
            return List.of();
        }
        session.requireOpen();
        return session.paths().statements().executeBatch(sql, now, text, batch);
    }

    private Decision decide(Statement.Sql sql) throws SQLException {
        Decision last = decision;
        if (last == null || !session.paths().decider().isCurrent(last)) {
            StorageStatement text = stored;
            last = session.paths().decider().decide(sql, text == null ? null : text.meaning());
            decision = last;
        }
        return last;
    }

    /** How long its level lets a statement wait for what the session has seen. */
    Duration patience() {
        if (!(statement instanceof Statement.Sql sql)) {
            return session.paths().state().consistencyTimeout();
        }
        Rung rung;
        try {
            rung = decide(sql).agreement().granted().first();
        } catch (SQLException e) {
            // storage's own error for the text comes first, as H2 has it
            return session.paths().state().consistencyTimeout();
        }
        return session.paths().levels().patience(rung);
    }

    void setMaxRows(long maxRows) throws SQLException {
        if (stored != null) {
            stored.maxRows(maxRows);
        }
    }

    void setQueryTimeout(int seconds) throws SQLException {
        if (stored != null) {
            stored.timeout(seconds);
        }
    }

    void close() {
        if (stored != null) {
            stored.close();
        }
    }
}
