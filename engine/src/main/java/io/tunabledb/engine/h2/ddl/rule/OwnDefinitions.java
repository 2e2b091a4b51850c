package io.tunabledb.engine.h2.ddl.rule;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.h2.codec.BoundValues;
import io.tunabledb.engine.h2.internals.H2Instance;
import io.tunabledb.engine.h2.internals.H2Tree;
import io.tunabledb.engine.h2.row.NetEffects;
import io.tunabledb.engine.h2.sql.SqlTokens;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.h2.command.CommandInterface;
import org.h2.command.Prepared;
import org.h2.command.ddl.AlterTable;
import org.h2.command.ddl.CreateIndex;
import org.h2.command.ddl.CreateTable;
import org.h2.command.ddl.DefineCommand;
import org.h2.command.ddl.DropIndex;
import org.h2.command.ddl.DropTable;
import org.h2.command.ddl.SetComment;
import org.h2.command.ddl.TruncateTable;
import org.h2.command.dml.ExecuteImmediate;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.table.Table;

/**
 * What a client's session on the leader may define: its own local temporary tables, which no other replica has. Whatever
 * else it does must be captured as changes of rows, or the replicas differ. It decides by what H2 has compiled, never by
 * the names in the text: a name can be one session's table now and everybody's at the next execution.
 */
public final class OwnDefinitions {
    /**
     * Those of which H2 demands a right that {@link H2Instance.Role#WRITER} has for nothing but its own temporary tables.
     * TRUNCATE is not among them: the right to DELETE is enough for it, and it removes rows behind the transaction's back.
     */
    private static final Set<Class<?>> BY_RIGHT =
            Set.of(CreateTable.class, DropTable.class, CreateIndex.class, DropIndex.class, SetComment.class);

    private OwnDefinitions() {}

    /** Whether a statement defines, so that it has to be prepared anew, and checked, for each execution. */
    public static boolean isOne(PreparedStatement statement) throws SQLException {
        CommandInterface command = BoundValues.command(statement);
        return !H2Tree.PREPARED.isPartOf(command) || isOne(compiled(command));
    }

    /**
     * Whether H2 executes what makes, changes or drops a table of the session's own inside the open transaction, without
     * committing it: only CREATE TEMPORARY TABLE … TRANSACTIONAL.
     */
    public static boolean keepsTransaction(String sql) {
        List<SqlTokens.Token> tokens = SqlTokens.of(sql);
        int at = 0;
        while (at < tokens.size() && !tokens.get(at).is("TABLE")) {
            at++;
        }
        // the name, which may be that word
        at += at + 3 < tokens.size()
                        && tokens.get(at + 1).is("IF")
                        && tokens.get(at + 2).is("NOT")
                ? 5
                : 2;
        while (at + 1 < tokens.size() && tokens.get(at).is(".")) {
            at += 2;
        }
        return !tokens.isEmpty()
                && tokens.get(0).is("CREATE")
                && tokens.subList(Math.min(at, tokens.size()), tokens.size()).stream()
                        .filter(token -> token.depth() == 0)
                        .takeWhile(token -> !token.is("AS"))
                        .anyMatch(token -> token.is("TRANSACTIONAL"));
    }

    private static boolean isOne(Prepared prepared) {
        return prepared instanceof DefineCommand || prepared instanceof ExecuteImmediate;
    }

    /**
     * Sees to it that a statement that {@link #isOne defines} touches the session's own tables only, whatever others define
     * before it has run. By the session's owner.
     *
     * @throws SQLException HYC00, as H2 has it for what a temporary table can't: it doesn't; 25001: H2 would commit what the transaction has changed, before it is
     *     logged. Nothing has been done
     */
    public static void require(Connection connection, PreparedStatement statement, String sql) throws SQLException {
        SessionLocal session = H2Instance.session(connection.unwrap(JdbcConnection.class));
        CommandInterface command = BoundValues.command(statement);
        session.lock();
        try {
            if (!H2Tree.PREPARED.isPartOf(command)) {
                throw refused("several statements at once", sql);
            }
            Prepared prepared = compiled(command);
            if (prepared instanceof TruncateTable) {
                Table table = H2Tree.TRUNCATED.of(prepared, Table.class);
                if (table == null || !session.getLocalTempTables().contains(table)) {
                    throw refused("TRUNCATE of a table that every replica has", sql);
                }
            } else if (!BY_RIGHT.contains(prepared.getClass()) && !(prepared instanceof AlterTable)) {
                throw refused(prepared.getClass().getSimpleName(), sql);
            }
            if (!prepared.isTransactional() && !NetEffects.of(session).isEmpty()) {
                throw new SQLException(
                        "the transaction has changed rows, which this would commit: " + sql
                                + "; commit or roll back first",
                        "25001");
            }
            // H2 compiles again what is older than the last definition of anybody, and the apply thread may make a
            // table
            // of that name before the execution. This one stays what was checked: its table is the session's own, which
            // nobody else can drop
            H2Tree.COMPILED_AT.set(prepared, Long.MAX_VALUE);
        } finally {
            session.unlock();
        }
    }

    private static Prepared compiled(CommandInterface command) {
        Prepared prepared = H2Tree.PREPARED.of(command, Prepared.class);
        if (prepared == null) {
            throw new IllegalStateException("H2 has compiled nothing: " + command);
        }
        return prepared;
    }

    private static SQLException refused(String what, String sql) {
        return Errors.of(
                SqlState.NOT_SUPPORTED,
                "a session may define its own local temporary tables only, and this is " + what + ": " + sql
                        + "; nothing was done; if a temporary table of the session has the same name, send the statement"
                        + " from a session without one");
    }
}
