package io.tunabledb.engine.execute.serve;

import io.tunabledb.engine.execute.session.StorageStatement;
import io.tunabledb.engine.h2.statement.ClientUser;
import io.tunabledb.engine.message.ReadMessage.Statement;
import io.tunabledb.engine.shard.Reader;
import io.tunabledb.engine.shard.Replica;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A reader for a session that sits elsewhere: with the session's settings, its statements, and what it has not read to the end. */
final class ServedReader implements AutoCloseable {
    private static final int MOST_QUERIES = 64;

    private final Reader reader;
    private final OpenRows rows;
    /** The one used last at the end. */
    private final Map<Long, StorageStatement> queries = new LinkedHashMap<>(16, 0.75f, true);

    private List<String> settings;

    ServedReader(Replica replica, List<String> settings, OpenRows.Limit limit) {
        this.settings = settings;
        this.rows = new OpenRows(limit);
        this.reader = replica.openReader(connection -> ClientUser.set(this.settings, connection));
    }

    Reader reader() {
        return reader;
    }

    OpenRows rows() {
        return rows;
    }

    /** Whether {@link #learn} is enough: what is SET no longer can't be taken back from a connection. */
    boolean canLearn(List<String> now) {
        return now.containsAll(settings);
    }

    /** Its connections know these settings from now on. */
    void learn(List<String> now) throws SQLException {
        if (!settings.equals(now)) {
            settings = now;
            reader.applyToOpen(connection -> ClientUser.set(now, connection));
        }
    }

    /** The session's statement, with its limits as they are now. */
    StorageStatement query(Statement statement) throws SQLException {
        StorageStatement known = queries.computeIfAbsent(
                statement.query(), number -> new StorageStatement(statement.sql(), statement.options()));
        if (known.maxRows() != statement.maxRows()) {
            known.maxRows(statement.maxRows());
        }
        if (known.timeoutSeconds() != statement.timeoutSeconds()) {
            known.timeout(statement.timeoutSeconds());
        }
        forgetOldest();
        return known;
    }

    /** Not while there are rows to be read: they go with their statement. */
    private void forgetOldest() {
        while (queries.size() > MOST_QUERIES && rows.isEmpty()) {
            Long oldest = queries.keySet().iterator().next();
            Objects.requireNonNull(queries.remove(oldest)).close();
        }
    }

    @Override
    public void close() {
        rows.closeAll();
        queries.values().forEach(StorageStatement::close);
        queries.clear();
        reader.close();
    }
}
