package io.tunabledb.engine.command;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Receipt;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.execute.ddl.ShardsCheck;
import io.tunabledb.engine.execute.session.DiskRoom;
import io.tunabledb.engine.execute.statement.SessionPaths;
import io.tunabledb.engine.h2.catalog.SystemTable;
import io.tunabledb.engine.h2.sql.RowSet;
import io.tunabledb.engine.load.LoadMeter;
import io.tunabledb.engine.outbox.OutboxView;
import io.tunabledb.sql.Statement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The statements that are ours, not H2's: they change or show how the session is served. */
public final class Commands {
    private static final Result DONE = new Result(null, 0, null, null, null);

    private final SessionPaths session;
    private final Duration definitionTimeout;
    private final RuleCommands rules;
    private final TableCommands tables;
    private final UserCommands users;
    private final Explanation explanation;

    /** @param definitionTimeout how long a check of all replicas may take */
    public Commands(SessionPaths session, LoadMeter loads, Duration definitionTimeout) {
        this.session = session;
        this.definitionTimeout = definitionTimeout;
        this.rules = new RuleCommands(session, loads);
        this.tables = new TableCommands(session);
        this.users = new UserCommands(session);
        this.explanation = new Explanation(session);
    }

    public Result execute(Statement statement) throws SQLException {
        if (statement instanceof Statement.SetConsistency set) {
            return setConsistency(set);
        }
        if (statement instanceof Statement.ResetConsistency) {
            session.levels().set(null, null);
            return DONE;
        }
        if (statement instanceof Statement.SetTransactionConsistency set) {
            session.levels().transaction(set.rung());
            return DONE;
        }
        if (statement instanceof Statement.SetToken set) {
            session.state().tokens().use(set.token());
            return DONE;
        }
        if (statement instanceof Statement.OfUsers change) {
            return users.execute(change);
        }
        if (statement instanceof Statement.CreateRule create) {
            session.state().access().requireAdmin("CREATE CONSISTENCY RULE");
            return rules.create(create);
        }
        if (statement instanceof Statement.DropRule drop) {
            session.state().access().requireAdmin("DROP CONSISTENCY RULE");
            return rules.drop(drop);
        }
        if (statement instanceof Statement.ShowConsistency show) {
            return show(show);
        }
        if (statement instanceof Statement.ExplainConsistency explain) {
            return explanation.of(explain.statement());
        }
        if (statement instanceof Statement.CheckReplicas check) {
            session.state().access().requireAdmin("CHECK REPLICAS");
            return check(check);
        }
        if (statement instanceof Statement.RejectedWrite write) {
            session.state().access().requireAdmin(write.text());
            return rejectedWrite(write);
        }
        if (statement instanceof Statement.TableSettings table) {
            return tables.execute(table);
        }
        if (statement instanceof Statement.TransactionControl control) {
            return control(control);
        }
        if (statement instanceof Statement.SessionSetting setting) {
            session.set(VariableSetting.evaluated(setting, session));
            return DONE;
        }
        Statement.Refused refused = (Statement.Refused) statement;
        throw Errors.of(SqlState.NOT_ALLOWED, refused.what() + " is not allowed here: " + refused.instead());
    }

    private Result setConsistency(Statement.SetConsistency set) {
        Statement.SetConsistency.Scope scope = set.scope();
        Ladder read =
                scope == Statement.SetConsistency.Scope.WRITE ? session.levels().read() : set.ladder();
        Ladder write =
                scope == Statement.SetConsistency.Scope.READ ? session.levels().write() : set.ladder();
        session.levels().set(read, write);
        return DONE;
    }

    private Result control(Statement.TransactionControl control) throws SQLException {
        switch (control.verb()) {
            case BEGIN -> session.transaction().begin();
            case COMMIT -> session.transaction().commit();
            case ROLLBACK -> session.transaction().rollback();
            case SAVEPOINT, ROLLBACK_TO_SAVEPOINT, RELEASE_SAVEPOINT ->
                session.transaction().control(control);
            case AUTOCOMMIT_ON -> session.transaction().setAutoCommit(true);
            case AUTOCOMMIT_OFF -> session.transaction().setAutoCommit(false);
        }
        return DONE;
    }

    private Result show(Statement.ShowConsistency show) throws SQLException {
        return switch (show.what()) {
            case OUTBOX -> outboxes();
            case TOKEN ->
                rows(new RowSet("TOKEN").row(session.state().vector().token().encode()));
            case RECEIPT -> receipt(session.statements().lastReceipt());
            case LOAD -> rules.showLoad();
            case RULES -> rules.show();
            case DEFAULTS -> defaults();
        };
    }

    /** It shows why writes of others failed. */
    private Result outboxes() throws SQLException {
        session.state().access().requireAdmin("SHOW CONSISTENCY OUTBOX");
        SystemTable table = OutboxView.table(session.state()::outboxes);
        RowSet rows = new RowSet(
                table.columns().stream().map(SystemTable.Column::name).toArray(String[]::new));
        for (List<?> row : table.rows().get()) {
            rows.row(row.toArray());
        }
        return rows(rows);
    }

    /** All of them are done one by one: the first that fails ends it, and those before it are done. */
    private Result rejectedWrite(Statement.RejectedWrite write) throws SQLException {
        if (session.state().mode().isReadOnly()) {
            throw Errors.of(
                    SqlState.NOT_ALLOWED, write.text() + " on a read-only connection; call setReadOnly(false) first");
        }
        DiskRoom.requireForWrite(session.state().cluster());
        // like a schema change, it is a transaction of its own
        session.transaction().commit();
        Long only = write.id();
        List<Long> ids = only == null ? session.rejected().ids() : List.of(only);
        for (long id : ids) {
            switch (write.action()) {
                case RETRY -> session.rejected().retry(id);
                case DISMISS -> session.rejected().dismiss(id);
            }
        }
        return new Result(null, ids.size(), null, null, null);
    }

    private Result defaults() {
        RowSet rows = new RowSet("SCOPE", "CONSISTENCY", "DECIDED_BY");
        rows.row("TRANSACTION", text(session.levels().transaction()), "SET TRANSACTION");
        defaultRow(rows, "READ", session.levels().read());
        defaultRow(rows, "WRITE", session.levels().write());
        return rows(rows);
    }

    private void defaultRow(RowSet rows, String scope, @Nullable Ladder set) {
        Ladder url = session.levels().ofUrl();
        if (set != null) {
            rows.row(scope, set.text(), "SET CONSISTENCY");
        } else if (url != null) {
            rows.row(scope, url.text(), "URL");
        } else {
            rows.row(scope, Level.SEQUENTIAL.name(), "DEFAULT");
        }
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }

    private static Result receipt(@Nullable Receipt receipt) {
        RowSet rows = new RowSet(
                "ASKED",
                "DECIDED_BY",
                "GRANTED",
                "REASON",
                "SHARD",
                "REPLICA",
                "ROLE",
                "LOG_INDEX",
                "STALENESS_MS",
                "WAITED_MS",
                "ATTEMPTS",
                "TABLES");
        if (receipt != null) {
            for (Receipt.Served served : receipt.served()) {
                var staleness = served.staleness();
                rows.row(
                        receipt.asked().text(),
                        receipt.decidedBy(),
                        receipt.granted().text(),
                        receipt.reason(),
                        served.shard(),
                        served.replica(),
                        served.role(),
                        served.index(),
                        staleness == null ? null : staleness.toNanos() / 1e6,
                        served.waited().toNanos() / 1e6,
                        receipt.attempts(),
                        String.join(", ", receipt.tables()));
            }
        }
        return rows(rows);
    }

    private Result check(Statement.CheckReplicas check) throws SQLException {
        Statement.TableUse table = check.table();
        String schema = table == null
                ? null
                : Objects.requireNonNullElse(
                        table.schema(), session.state().settings().schema());
        if (table != null && schema != null) {
            session.catalog().requireTable(schema, table.name());
        }
        RowSet rows = new RowSet("SHARD", "REPLICA", "HASH", "SAME", "DIFFERENCE");
        for (ShardsCheck.Checked one : new ShardsCheck(session.state(), definitionTimeout)
                .check(schema, table == null ? null : table.name())) {
            rows.row(one.shard(), one.replica(), one.hash(), one.same(), one.difference());
        }
        return rows(rows);
    }

    static Result rows(RowSet rows) {
        return new Result(rows.resultSet(), -1, null, null, null);
    }
}
