package io.tunabledb.engine;

import io.tunabledb.consistency.Durations;
import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Receipt;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.execute.ddl.ShardsCheck;
import io.tunabledb.engine.h2.catalog.SystemTable;
import io.tunabledb.engine.h2.internals.RowSet;
import io.tunabledb.engine.outbox.OutboxView;
import io.tunabledb.sql.Statement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The statements that are ours, not H2's: they change or show how the session is served. */
final class Commands {
    private static final Result DONE = new Result(null, 0, null, null, null);

    private final Session session;
    private final RuleCommands rules;

    Commands(Session session) {
        this.session = session;
        this.rules = new RuleCommands(session);
    }

    Result execute(Statement statement) throws SQLException {
        if (statement instanceof Statement.SetConsistency set) {
            return setConsistency(set);
        }
        if (statement instanceof Statement.ResetConsistency) {
            session.setDefaults(null, null);
            return DONE;
        }
        if (statement instanceof Statement.SetTransactionConsistency set) {
            session.setTransactionRung(set.rung());
            return DONE;
        }
        if (statement instanceof Statement.SetToken set) {
            session.useToken(set.token());
            return DONE;
        }
        if (statement instanceof Statement.CreateRule create) {
            return rules.create(create);
        }
        if (statement instanceof Statement.DropRule drop) {
            return rules.drop(drop);
        }
        if (statement instanceof Statement.ShowConsistency show) {
            return show(show);
        }
        if (statement instanceof Statement.ExplainConsistency explain) {
            return explain(explain.statement());
        }
        if (statement instanceof Statement.CheckReplicas check) {
            return check(check);
        }
        if (statement instanceof Statement.RejectedWrite write) {
            return rejectedWrite(write);
        }
        if (statement instanceof Statement.TableSettings table) {
            return new TableCommands(session).execute(table);
        }
        if (statement instanceof Statement.TransactionControl control) {
            return control(control);
        }
        if (statement instanceof Statement.SessionSetting setting) {
            session.set(setting.name(), VariableSetting.text(setting, session));
            return DONE;
        }
        Statement.Refused refused = (Statement.Refused) statement;
        throw Errors.of(SqlState.NOT_ALLOWED, refused.what() + " is not allowed here: " + refused.instead());
    }

    private Result setConsistency(Statement.SetConsistency set) {
        Statement.SetConsistency.Scope scope = set.scope();
        Ladder read = scope == Statement.SetConsistency.Scope.WRITE ? session.readDefault() : set.ladder();
        Ladder write = scope == Statement.SetConsistency.Scope.READ ? session.writeDefault() : set.ladder();
        session.setDefaults(read, write);
        return DONE;
    }

    private Result control(Statement.TransactionControl control) throws SQLException {
        switch (control.verb()) {
            case BEGIN -> session.begin();
            case COMMIT -> session.commit();
            case ROLLBACK -> session.rollback();
            case SAVEPOINT, ROLLBACK_TO_SAVEPOINT, RELEASE_SAVEPOINT -> session.control(control.text());
            case AUTOCOMMIT_ON -> session.setAutoCommit(true);
            case AUTOCOMMIT_OFF -> session.setAutoCommit(false);
        }
        return DONE;
    }

    private Result show(Statement.ShowConsistency show) {
        return switch (show.what()) {
            case OUTBOX -> outboxes();
            case TOKEN -> rows(new RowSet("TOKEN").row(session.token()));
            case RECEIPT -> receipt(session.lastReceipt());
            case LOAD -> rules.showLoad();
            case RULES -> rules.show();
            case DEFAULTS -> defaults();
        };
    }

    private Result outboxes() {
        SystemTable table = OutboxView.table(session::outboxes);
        RowSet rows = new RowSet(
                table.columns().stream().map(SystemTable.Column::name).toArray(String[]::new));
        for (List<?> row : table.rows().get()) {
            rows.row(row.toArray());
        }
        return rows(rows);
    }

    /** All of them are done one by one: the first that fails ends it, and those before it are done. */
    private Result rejectedWrite(Statement.RejectedWrite write) throws SQLException {
        if (session.readOnly()) {
            throw Errors.of(
                    SqlState.NOT_ALLOWED, write.text() + " on a read-only connection; call setReadOnly(false) first");
        }
        session.requireDisk();
        // like a schema change, it is a transaction of its own
        session.commit();
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
        rows.row("TRANSACTION", text(session.transactionRung()), "SET TRANSACTION");
        defaultRow(rows, "READ", session.readDefault());
        defaultRow(rows, "WRITE", session.writeDefault());
        return rows(rows);
    }

    private void defaultRow(RowSet rows, String scope, @Nullable Ladder set) {
        Ladder url = session.urlLadder();
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
        String schema = table == null ? null : Objects.requireNonNullElse(table.schema(), session.schema());
        if (table != null && schema != null) {
            session.settings().requireTable(schema, table.name());
        }
        RowSet rows = new RowSet("SHARD", "REPLICA", "HASH", "SAME", "DIFFERENCE");
        for (ShardsCheck.Checked one : session.check(schema, table == null ? null : table.name())) {
            rows.row(one.shard(), one.replica(), one.hash(), one.same(), one.difference());
        }
        return rows(rows);
    }

    private Result explain(Statement statement) throws SQLException {
        RowSet rows = new RowSet("STEP", "DETAIL");
        if (statement instanceof Statement.Sql sql) {
            explain(sql, rows);
        } else {
            rows.row("grammar", "a command of the session; it touches no shard");
        }
        return rows(rows);
    }

    private void explain(Statement.Sql sql, RowSet rows) throws SQLException {
        Session.Decision decision = session.decide(sql);
        rows.row("grammar", sql.operation() + " over " + tables(decision.tables()));
        rows.row(
                "plan", decision.plan().kind() + " on shards " + decision.plan().shards());
        decision.plan().placement().describe().forEach(line -> rows.row("plan", line));
        session.explainGathering(sql, decision).forEach(line -> rows.row("plan", line));
        session.explainDecision(sql, decision).forEach(line -> rows.row("rules", line));
        rows.row(
                "negotiate",
                decision.agreement().asked().text() + ", decided by "
                        + decision.agreement().decidedBy());
        String reason = decision.agreement().reason();
        if (reason != null) {
            rows.row("negotiate", decision.agreement().granted().text() + ", " + reason);
        }
        session.explainRoute(decision).forEach(line -> rows.row("route", line));
        rows.row(
                "deadline",
                decision.agreement().granted().rungs().stream()
                        .map(rung -> rung.level() + " within "
                                + Durations.text(Objects.requireNonNullElse(rung.within(), session.patience())))
                        .toList()
                        .toString());
    }

    private static String tables(List<String> tables) {
        return tables.isEmpty() ? "no table" : String.join(", ", new ArrayList<>(tables));
    }

    private static Result rows(RowSet rows) {
        return new Result(rows.resultSet(), -1, null, null, null);
    }
}
