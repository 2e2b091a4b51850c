package io.tunabledb.engine.h2.statement;

import io.tunabledb.engine.h2.internals.SessionLock;
import io.tunabledb.engine.h2.row.IndexEntries;
import io.tunabledb.engine.h2.row.TemporaryTable;
import io.tunabledb.engine.h2.sql.SqlTokens;
import java.sql.SQLException;
import java.util.List;
import org.h2.engine.SessionLocal;
import org.h2.index.Index;
import org.h2.schema.Schema;
import org.h2.table.Table;

/** The local temporary tables of a storage session. By the session's owner. */
public final class SessionTables {
    private final SessionLocal session;

    public SessionTables(SessionLocal session) {
        this.session = session;
    }

    /** All of them. Who owns the session asks after each definition of one. */
    public List<TemporaryTable> all() throws SQLException {
        return SessionLock.under(session, () -> {
            IndexEntries.guardOwn(session);
            return TemporaryTable.of(session);
        });
    }

    /** Drops one as the end of the session would, in or outside a transaction. */
    public void forget(String name) throws SQLException {
        SessionLock.under(session, () -> {
            Table table = session.findLocalTempTable(name);
            if (table != null) {
                session.removeLocalTempTable(table);
            }
            return true;
        });
    }

    /** Whether a text is DROP INDEX of an index that only these tables have. */
    public boolean loseIndexBy(String sql) throws SQLException {
        if (!SqlTokens.startsWith(sql, "DROP", "INDEX")) {
            return false;
        }
        List<SqlTokens.Token> tokens = SqlTokens.of(sql);
        int at = tokens.size() > 2 && tokens.get(2).is("IF") ? 4 : 2;
        boolean isQualified = at + 2 < tokens.size() && tokens.get(at + 1).is(".");
        if (at >= tokens.size()) {
            return false;
        }
        String in = isQualified ? tokens.get(at).text() : session.getCurrentSchemaName();
        String name = tokens.get(isQualified ? at + 2 : at).text();
        return SessionLock.under(session, () -> {
            Schema schema = session.getDatabase().findSchema(in);
            Index index = schema == null ? null : schema.findIndex(session, name);
            return index != null && session.getLocalTempTables().contains(index.getTable());
        });
    }
}
