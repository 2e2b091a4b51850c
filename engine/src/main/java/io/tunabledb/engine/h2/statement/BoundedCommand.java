package io.tunabledb.engine.h2.statement;

import io.tunabledb.engine.h2.codec.BoundValues;
import io.tunabledb.engine.h2.internals.H2Instance;
import io.tunabledb.engine.h2.internals.H2Tree;
import io.tunabledb.engine.h2.sql.SqlErrors;
import io.tunabledb.engine.heap.Appetite;
import io.tunabledb.engine.heap.HeapEndedError;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Objects;
import org.h2.api.ErrorCode;
import org.h2.command.CommandContainer;
import org.h2.command.CommandInterface;
import org.h2.command.Prepared;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.jdbc.JdbcPreparedStatement;
import org.h2.message.DbException;
import org.h2.result.ResultInterface;
import org.h2.result.ResultWithGeneratedKeys;
import org.jspecify.annotations.Nullable;

/**
 * What H2 has prepared, but for one thing: when memory ends in it, H2 closes the database, and this ends the statement, with
 * TC006. It may be told to end before memory does ({@link Appetite}).
 */
public final class BoundedCommand extends CommandContainer {
    /** The frames of the store: an error there may have left a change of a map half done. */
    private static final String STORE = "org.h2.mvstore.";

    private final CommandContainer original;

    private BoundedCommand(SessionLocal session, String sql, CommandContainer original, Prepared prepared) {
        super(session, sql, prepared);
        this.original = original;
    }

    /** From now on memory can't end in {@code statement} as a database's end. Returns it. */
    public static PreparedStatement bound(PreparedStatement statement, Connection connection, String sql)
            throws SQLException {
        CommandInterface command = BoundValues.command(statement);
        if (command instanceof CommandContainer container && !(command instanceof BoundedCommand)) {
            SessionLocal session = H2Instance.session(connection.unwrap(JdbcConnection.class));
            Prepared prepared = Objects.requireNonNull(H2Tree.PREPARED.of(container, Prepared.class));
            H2Tree.COMMAND.set(
                    statement.unwrap(JdbcPreparedStatement.class),
                    new BoundedCommand(session, sql, container, prepared));
        }
        return statement;
    }

    /** Executes once what a client may have written. */
    public static void execute(Connection connection, String sql) throws SQLException {
        try (PreparedStatement statement = bound(connection.prepareStatement(sql), connection, sql)) {
            statement.execute();
        }
    }

    /** Whether it adds to what the tables hold, or may. */
    public static boolean isGrowing(PreparedStatement statement) throws SQLException {
        return switch (BoundValues.command(statement).getCommandType()) {
            case CommandInterface.INSERT, CommandInterface.UPDATE, CommandInterface.MERGE -> true;
            default -> false;
        };
    }

    @Override
    public ResultInterface query(long maxRows) {
        Appetite appetite = Appetite.own();
        appetite.begin();
        try {
            return super.query(maxRows);
        } catch (OutOfMemoryError e) {
            throw ended(e, isReadOnly());
        } catch (DbException e) {
            throw ended(e, isReadOnly());
        } finally {
            appetite.end();
        }
    }

    @Override
    public ResultWithGeneratedKeys update(Object generatedKeys) {
        Appetite appetite = Appetite.own();
        appetite.begin();
        try {
            return super.update(generatedKeys);
        } catch (OutOfMemoryError e) {
            throw ended(e, false);
        } catch (DbException e) {
            throw ended(e, false);
        } finally {
            appetite.end();
        }
    }

    private static DbException ended(DbException e, boolean isReadOnly) {
        SQLException said = e.getSQLException();
        return said.getErrorCode() == ErrorCode.OUT_OF_MEMORY && said.getCause() instanceof OutOfMemoryError error
                ? ended(error, isReadOnly)
                : e;
    }

    /** What H2 is told: something it closes the database for only if that is right. */
    private static DbException ended(OutOfMemoryError e, boolean isReadOnly) {
        if (!isReadOnly && !isHarmless(e)) {
            throw e;
        }
        return DbException.convert(SqlErrors.outOfMemory(e));
    }

    /**
     * Whether it can't have come in the middle of a change of the store. A JVM leaves out the frames of all but its first
     * few; then it is told by the last collection: if that left room, what was refused was one large array, and the store
     * asks for small ones.
     */
    private static boolean isHarmless(OutOfMemoryError e) {
        if (e instanceof HeapEndedError || isTooLongForAny(e.getMessage())) {
            return true;
        }
        StackTraceElement[] frames = e.getStackTrace();
        for (StackTraceElement frame : frames) {
            if (frame.getClassName().startsWith(STORE)) {
                return false;
            }
        }
        return frames.length > 0 || Appetite.leftRoom();
    }

    /** "Requested array size exceeds VM limit", "Required length exceeds implementation limit" and the like. */
    private static boolean isTooLongForAny(@Nullable String message) {
        return message != null && (message.contains("size exceeds") || message.contains("length"));
    }

    /** Storage keeps the original for the next that prepares this text. */
    @Override
    public void close() {
        super.close();
        // with what was compiled anew meanwhile, because of a schema change
        H2Tree.PREPARED.set(original, H2Tree.PREPARED.of(this, Prepared.class));
        original.close();
    }
}
