package io.tunabledb.engine.execute.session;

import io.tunabledb.engine.h2.statement.SessionNames;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * What a text means in a session, from one SET to the next: its schema, search path, and which words are names. As in H2 it
 * is fixed when a statement is prepared, on whichever replica that is compiled later.
 */
public final class Meaning {
    private final SessionSettings owner;
    private final String schema;
    private final SessionNames.Kept kept;
    private final List<SessionStart.Setting> settings;

    /**
     * @param settings those of a session that {@linkplain SessionNames#has matter} to it
     * @param kept what they make of a storage session
     */
    Meaning(SessionSettings owner, List<SessionStart.Setting> settings, SessionNames.Kept kept) {
        this.owner = owner;
        this.schema = kept.schema();
        this.kept = kept;
        this.settings = List.copyOf(settings);
    }

    /** Whether a setting of that name is the current schema. */
    static boolean isSchema(String setting) {
        return setting.equals("SCHEMA") || setting.equals("USE");
    }

    /** The schema of names without one, exact case. */
    public String schema() {
        return schema;
    }

    List<SessionStart.Setting> settings() {
        return settings;
    }

    /** Whether it is what the session's storage connections have now. */
    boolean isCurrent() {
        return owner.meaning() == this;
    }

    /** What is done on a storage connection. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws SQLException;
    }

    /** Does something on a storage connection of the session, where texts mean this. */
    <T> T on(Connection connection, Work<T> work) throws SQLException {
        if (isCurrent()) {
            return work.run();
        }
        SessionNames.Kept now = SessionNames.Kept.of(connection);
        kept.putInto(connection);
        try {
            return work.run();
        } finally {
            now.putInto(connection);
        }
    }
}
