package io.tunabledb.engine.execute.outbox;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.outbox.OutboxEntry;
import io.tunabledb.sql.Statement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The weak writes of an explicit transaction that is not committed yet. No replica knows of them. */
final class QueuedTransaction {
    private static final int MAX_STEPS = 10_000;

    private final Instant begunAt;
    private int shard;
    private List<String> settings = List.of();
    private final List<OutboxEntry.Step> steps = new ArrayList<>();
    private final List<Mark> savepoints = new ArrayList<>();

    private record Mark(String name, int size) {}

    /**
     * @param begunAt what NOW() means to all of its statements
     * @param shard where it is carried out
     */
    QueuedTransaction(Instant begunAt, int shard) {
        this.begunAt = begunAt;
        this.shard = shard;
    }

    Instant begunAt() {
        return begunAt;
    }

    int shard() {
        return shard;
    }

    /** Fails when a statement for {@code wanted} can't join: one shard carries all of it out, or rejects all of it. */
    void requireShard(int wanted) throws SQLException {
        if (steps.isEmpty()) {
            shard = wanted;
        }
        if (wanted != shard) {
            throw Errors.of(
                    SqlState.NOT_ALLOWED,
                    "a write in shard " + wanted + " in a transaction whose EVENTUAL writes so far are in shard "
                            + shard
                            + ": an EVENTUAL transaction is carried out by one shard as a whole; commit in between, or "
                            + "roll back and begin anew with SET TRANSACTION CONSISTENCY SEQUENTIAL");
        }
    }

    /** Fails when a statement's text would mean something else: all of them are carried out in one session. */
    void requireSettings(List<String> wanted) throws SQLException {
        if (steps.isEmpty()) {
            settings = wanted;
        }
        if (!settings.equals(wanted)) {
            throw Errors.of(
                    SqlState.NOT_ALLOWED,
                    "an EVENTUAL write under " + wanted + " in a transaction whose EVENTUAL writes so far are under "
                            + settings + ": all of them are carried out in one session; commit in between");
        }
    }

    /** The SET statements of the session that it is carried out in. */
    List<String> settings() {
        return settings;
    }

    List<OutboxEntry.Step> steps() {
        return steps;
    }

    void add(OutboxEntry.Step step) throws SQLException {
        if (steps.size() >= MAX_STEPS) {
            throw Errors.of(
                    SqlState.OVER_LIMIT,
                    "an EVENTUAL transaction of more than " + MAX_STEPS + " statements; commit in between");
        }
        steps.add(step);
    }

    void control(Statement.TransactionControl control) throws SQLException {
        String name = control.savepoint();
        if (name == null) {
            return;
        }
        int at = find(name);
        switch (control.verb()) {
            case SAVEPOINT -> savepoints.add(new Mark(name, steps.size()));
            case ROLLBACK_TO_SAVEPOINT -> {
                steps.subList(required(at, name).size, steps.size()).clear();
                savepoints.subList(at + 1, savepoints.size()).clear();
            }
            case RELEASE_SAVEPOINT -> {
                required(at, name);
                savepoints.subList(at, savepoints.size()).clear();
            }
            case BEGIN, COMMIT, ROLLBACK, AUTOCOMMIT_ON, AUTOCOMMIT_OFF ->
                throw new IllegalArgumentException(control.text());
        }
    }

    private int find(@Nullable String name) {
        for (int i = savepoints.size() - 1; i >= 0; i--) {
            if (savepoints.get(i).name.equals(name)) {
                return i;
            }
        }
        return -1;
    }

    private Mark required(int at, String name) throws SQLException {
        if (at < 0) {
            throw Errors.of(
                    SqlState.INVALID_ARGUMENT,
                    "savepoint " + name + " was not set in this EVENTUAL transaction; set it after its first write");
        }
        return savepoints.get(at);
    }
}
