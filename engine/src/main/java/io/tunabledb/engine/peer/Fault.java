package io.tunabledb.engine.peer;

import io.tunabledb.engine.cut.CutRefusedException;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.log.OutcomeUnknownException;
import io.tunabledb.engine.shard.validation.ConflictException;
import java.io.IOException;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.sql.SQLInvalidAuthorizationSpecException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLNonTransientException;
import java.sql.SQLRecoverableException;
import java.sql.SQLSyntaxErrorException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransactionRollbackException;
import java.sql.SQLTransientConnectionException;
import java.sql.SQLTransientException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * How an answer failed, as a value. What callers tell apart comes back as what it was: an SQL error with its state, code and
 * JDBC class, and the few exceptions that steer. Everything else is a failure of the other node, with its text.
 *
 * @param causes the failure, what caused it, and so on, a few deep
 * @param nexts the SQL errors that come with it
 */
record Fault(List<One> causes, List<One> nexts) {
    /** How deep causes go, and how many SQL errors a chain has. */
    private static final int MAX_DEPTH = 8;

    private static final int MAX_TEXT = 16_384;

    /**
     * One exception.
     *
     * @param kind how it is made again
     * @param text its message
     * @param state an SQL error's SQLSTATE
     * @param code an SQL error's vendor code
     */
    record One(Kind kind, @Nullable String text, @Nullable String state, int code) {
        static One of(Throwable failure) {
            Kind kind = Kind.of(failure);
            String text = kind == Kind.OTHER ? failure.toString() : failure.getMessage();
            SQLException error = failure instanceof SQLException sql ? sql : null;
            return new One(
                    kind,
                    text == null || text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "…",
                    error == null ? null : error.getSQLState(),
                    error == null ? 0 : error.getErrorCode());
        }

        Throwable thrown(int node, @Nullable Throwable cause) {
            String said = text == null ? "" : text;
            Throwable made = switch (kind) {
                case NOT_LEADER -> new NotLeaderException(said);
                case CONFLICT -> new ConflictException(said);
                case CUT_REFUSED -> new CutRefusedException(said);
                case OUTCOME_UNKNOWN -> new OutcomeUnknownException(said, cause);
                case IO -> new IOException("n" + node + ": " + said);
                case OTHER -> new NodeFailedException("n" + node + " failed: " + said);
                default -> error();
            };
            // one that only steers takes no cause
            if (cause != null && made.getCause() == null && kind != Kind.CUT_REFUSED) {
                made.initCause(cause);
            }
            return made;
        }

        private SQLException error() {
            return switch (kind) {
                case TIMEOUT -> new SQLTimeoutException(text, state, code);
                case ROLLBACK -> new SQLTransactionRollbackException(text, state, code);
                case TRANSIENT_CONNECTION -> new SQLTransientConnectionException(text, state, code);
                case TRANSIENT -> new SQLTransientException(text, state, code);
                case RECOVERABLE -> new SQLRecoverableException(text, state, code);
                case SYNTAX -> new SQLSyntaxErrorException(text, state, code);
                case CONSTRAINT -> new SQLIntegrityConstraintViolationException(text, state, code);
                case DATA -> new SQLDataException(text, state, code);
                case FEATURE -> new SQLFeatureNotSupportedException(text, state, code);
                case AUTHORIZATION -> new SQLInvalidAuthorizationSpecException(text, state, code);
                case CONNECTION -> new SQLNonTransientConnectionException(text, state, code);
                case NON_TRANSIENT -> new SQLNonTransientException(text, state, code);
                case SQL, NOT_LEADER, CONFLICT, CUT_REFUSED, OUTCOME_UNKNOWN, IO, OTHER ->
                    new SQLException(text, state, code);
            };
        }
    }

    /** JDBC's classes from the special to the general, so that the first that fits is the nearest; then those that steer. */
    enum Kind {
        TIMEOUT(SQLTimeoutException.class),
        ROLLBACK(SQLTransactionRollbackException.class),
        TRANSIENT_CONNECTION(SQLTransientConnectionException.class),
        TRANSIENT(SQLTransientException.class),
        RECOVERABLE(SQLRecoverableException.class),
        SYNTAX(SQLSyntaxErrorException.class),
        CONSTRAINT(SQLIntegrityConstraintViolationException.class),
        DATA(SQLDataException.class),
        FEATURE(SQLFeatureNotSupportedException.class),
        AUTHORIZATION(SQLInvalidAuthorizationSpecException.class),
        CONNECTION(SQLNonTransientConnectionException.class),
        NON_TRANSIENT(SQLNonTransientException.class),
        SQL(SQLException.class),
        NOT_LEADER(NotLeaderException.class),
        CONFLICT(ConflictException.class),
        CUT_REFUSED(CutRefusedException.class),
        OUTCOME_UNKNOWN(OutcomeUnknownException.class),
        IO(IOException.class),
        OTHER(Throwable.class);

        private final Class<? extends Throwable> type;

        Kind(Class<? extends Throwable> type) {
            this.type = type;
        }

        static Kind of(Throwable failure) {
            for (Kind kind : values()) {
                if (kind.type.isInstance(failure)) {
                    return kind;
                }
            }
            return OTHER;
        }
    }

    static Fault of(Throwable failure) {
        Throwable bare = failure;
        while ((bare instanceof CompletionException || bare instanceof ExecutionException) && bare.getCause() != null) {
            bare = bare.getCause();
        }
        List<One> causes = new ArrayList<>();
        for (Throwable one = bare; one != null && causes.size() < MAX_DEPTH; one = one.getCause()) {
            causes.add(One.of(one));
        }
        List<One> nexts = new ArrayList<>();
        SQLException next = bare instanceof SQLException error ? error.getNextException() : null;
        for (; next != null && nexts.size() < MAX_DEPTH; next = next.getNextException()) {
            nexts.add(One.of(next));
        }
        return new Fault(causes, nexts);
    }

    /** The failure as who asked meets it. */
    Throwable thrown(int node) {
        if (causes.isEmpty()) {
            return new NodeFailedException("n" + node + " failed");
        }
        int deepest = causes.size() - 1;
        Throwable made = causes.get(deepest).thrown(node, null);
        for (int i = deepest - 1; i >= 0; i--) {
            made = causes.get(i).thrown(node, made);
        }
        if (made instanceof SQLException first) {
            nexts.forEach(next -> first.setNextException(next.error()));
        }
        return made;
    }
}
