package io.tunabledb.engine.execute.session;

import io.tunabledb.consistency.Ladder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a session returns to between two borrowers of a pool: what was SET when the first of them came.
 *
 * @param settings in the order in which they were made
 * @param read SET CONSISTENCY FOR READ, or null
 * @param write SET CONSISTENCY FOR WRITE, or null
 */
public record SessionStart(
        List<Setting> settings,
        @Nullable Ladder read,
        @Nullable Ladder write) {
    /** Nothing was SET. */
    public static final SessionStart EMPTY = new SessionStart(List.of(), null, null);

    public SessionStart {
        settings = List.copyOf(settings);
    }

    /**
     * A SET.
     *
     * @param name of what is set
     * @param text the statement
     */
    public record Setting(String name, String text) {
        boolean isSchema() {
            return name.equals("SCHEMA");
        }
    }
}
