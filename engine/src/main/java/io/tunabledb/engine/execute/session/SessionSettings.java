package io.tunabledb.engine.execute.session;

import io.tunabledb.engine.h2.internals.SearchPath;
import io.tunabledb.engine.h2.statement.BoundedCommand;
import io.tunabledb.engine.h2.statement.ClientUser;
import io.tunabledb.engine.h2.statement.SessionNames;
import io.tunabledb.engine.plan.Qualified;
import io.tunabledb.sql.Statement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a session SET for storage: each of its storage connections is made to know it, those that are open and those to
 * come; and what its texts mean by it.
 */
public final class SessionSettings {
    private static final String TIME_ZONE = "TIME ZONE";
    private static final String LAZY = "LAZY_QUERY_EXECUTION";
    private static final String PUBLIC = "PUBLIC";

    /** How long a statement may take does not change what it does. */
    private static final Set<String> ONLY_OF_WAITING =
            Set.of("LOCK_TIMEOUT", "QUERY_TIMEOUT", "STATEMENT_TIMEOUT", "THROTTLE");

    private static final Set<String> QUERY_TIMEOUTS = Set.of("QUERY_TIMEOUT", "STATEMENT_TIMEOUT");
    private static final Set<String> SEARCH_PATHS = Set.of("SCHEMA_SEARCH_PATH", "SEARCH_PATH");

    private final SessionState state;
    /** By what is set, in the order in which they were made. */
    private final Map<String, String> texts = new LinkedHashMap<>();
    /** Those of {@link #texts} that a statement's meaning depends on. */
    private List<String> ofWrites = List.of();

    private long queryTimeoutMillis;
    private String user = "";
    private String schema = PUBLIC;
    private Meaning meaning = new Meaning(this, List.of(), SessionNames.Kept.FRESH);

    SessionSettings(SessionState state) {
        this.state = state;
    }

    /** The client's name, which CURRENT_USER shows. */
    public String user() {
        return user;
    }

    /** Whose connection it is. Before anything is done with it. */
    public void user(String name) {
        user = name;
        state.access().named(name);
        ofWrites = findOfWrites();
    }

    /** The current schema, exact case. */
    public String schema() {
        return schema;
    }

    /** What a text that is prepared now means. */
    public Meaning meaning() {
        return meaning;
    }

    /** Whether a SET bounds how long queries may run. */
    public boolean hasQueryTimeout() {
        return queryTimeoutMillis > 0;
    }

    /** After how many milliseconds a statement is cancelled that says nothing itself; 0 means never. */
    public long queryTimeoutMillis() {
        return queryTimeoutMillis;
    }

    // ---- SET ----

    /** Runs a session setting where the session has connections, and remembers it for those to come. */
    public void set(String name, String text) throws SQLException {
        set(name, text, state.consistencyTimeout());
    }

    /** The same, which waits no longer for what this session saw and wrote if it does not need that. */
    public void set(String name, String text, Duration patience) throws SQLException {
        boolean isOfWaiting = ONLY_OF_WAITING.contains(name);
        // any replica knows these; what names something may need what this session has just created
        Connection connection = state.metadata(isOfWaiting ? Duration.ZERO : patience);
        try {
            run(connection, text);
        } catch (SQLException e) {
            if (isOfWaiting || patience.compareTo(state.consistencyTimeout()) >= 0) {
                throw e;
            }
            connection = state.metadata(state.consistencyTimeout());
            run(connection, text);
        }
        if (name.equals(LAZY)) {
            // its value is checked; rows are always read to the end, by what lets go of the replica they come from
            run(connection, "SET LAZY_QUERY_EXECUTION 0");
            return;
        }
        if (QUERY_TIMEOUTS.contains(name)) {
            queryTimeoutMillis = queryTimeoutMillis(connection);
        }
        if (Meaning.isSchema(name)) {
            schema = connection.getSchema();
        }
        texts.remove(name);
        texts.put(name, text);
        if (SessionNames.has(name)) {
            meaning = new Meaning(
                    this,
                    current().stream()
                            .filter(setting -> SessionNames.has(setting.name()))
                            .toList(),
                    SessionNames.Kept.of(connection));
        }
        ofWrites = findOfWrites();
        state.onOpenConnections(open -> run(open, text));
    }

    private static long queryTimeoutMillis(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT CAST(SETTING_VALUE AS BIGINT) FROM"
                        + " INFORMATION_SCHEMA.SETTINGS WHERE SETTING_NAME = 'QUERY_TIMEOUT'");
                ResultSet row = statement.executeQuery()) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    /** What is SET now. */
    public List<SessionStart.Setting> current() {
        return texts.entrySet().stream()
                .map(setting -> new SessionStart.Setting(setting.getKey(), setting.getValue()))
                .toList();
    }

    /** Whether storage connections behave as {@code start} says, but for the current schema being {@code chosen}. */
    public boolean isAs(SessionStart start, @Nullable String chosen) {
        if (texts.isEmpty() && start.settings().isEmpty()) {
            return chosen == null;
        }
        return chosen == null
                ? current().equals(start.settings())
                : schema.equals(chosen) && withoutSchema(current()).equals(withoutSchema(start.settings()));
    }

    private static List<SessionStart.Setting> withoutSchema(List<SessionStart.Setting> all) {
        return all.stream().filter(setting -> !setting.isSchema()).toList();
    }

    /** Forgets every SET; the storage connections that knew them are closed. */
    public void forget() {
        texts.clear();
        queryTimeoutMillis = 0;
        ofWrites = findOfWrites();
        schema = PUBLIC;
        meaning = new Meaning(this, List.of(), SessionNames.Kept.FRESH);
        state.close();
    }

    // ---- what they mean elsewhere ----

    /** Makes a fresh storage connection understand what the session's others do. */
    public void apply(Connection connection) throws SQLException {
        ClientUser.put(user, connection);
        for (String text : texts.values()) {
            run(connection, text);
        }
    }

    /** Makes a fresh storage connection understand a query, and the session's other settings. */
    public void apply(Connection connection, StorageStatement query) throws SQLException {
        ClientUser.put(user, connection);
        for (String text : of(query, name -> true)) {
            run(connection, text);
        }
    }

    /** Equal for as long as the session's SET statements say the same. */
    public Object owner(StorageStatement query) {
        return List.of(this, of(query, name -> true));
    }

    /**
     * The session's SET statements that a write which is executed elsewhere, later, needs to mean what it meant when it was
     * prepared.
     */
    public List<String> ofWrite(StorageStatement query) {
        Meaning meant = query.meaning();
        return meant == null || meant.isCurrent()
                ? ofWrites
                : Stream.concat(
                                ClientUser.carried(user).stream(),
                                of(query, name -> !ONLY_OF_WAITING.contains(name)).stream())
                        .toList();
    }

    /** The session's SET statements, and its user, as a query needs them that is executed elsewhere. */
    public List<String> ofRead(StorageStatement query) {
        Meaning meant = query.meaning();
        if (texts.isEmpty() && (meant == null || meant.isCurrent())) {
            return ofWrites;
        }
        return Stream.concat(ClientUser.carried(user).stream(), of(query, name -> true).stream())
                .toList();
    }

    /** The SET of its time zone; null without one. */
    public @Nullable String timeZone() {
        return texts.get(TIME_ZONE);
    }

    private List<String> findOfWrites() {
        List<String> found = new ArrayList<>(ClientUser.carried(user));
        texts.forEach((name, text) -> {
            if (!ONLY_OF_WAITING.contains(name)) {
                found.add(text);
            }
        });
        return List.copyOf(found);
    }

    /** The SET statements that a definition is executed under; its schema goes with it apart from them. */
    public Map<String, String> ofDefinition(Meaning meant) {
        Map<String, String> sets = new LinkedHashMap<>();
        meant.settings().stream()
                .filter(setting -> !Meaning.isSchema(setting.name()))
                .forEach(setting -> sets.put(setting.name(), setting.text()));
        String zone = texts.get(TIME_ZONE);
        if (zone != null) {
            sets.put(TIME_ZONE, zone);
        }
        return sets;
    }

    private List<String> of(StorageStatement query, Predicate<String> which) {
        Meaning meant = query.meaning();
        boolean isOld = meant != null && !meant.isCurrent();
        List<String> found = new ArrayList<>();
        texts.forEach((name, text) -> {
            if (which.test(name) && !(isOld && SessionNames.has(name))) {
                found.add(text);
            }
        });
        if (meant != null && isOld) {
            meant.settings().forEach(setting -> found.add(setting.text()));
        }
        return found;
    }

    /**
     * The statement with its tables' schemas, where they may be others than the current one.
     *
     * @param patience how long it may wait for what this session saw and wrote
     */
    public Statement.Sql qualified(Statement.Sql statement, Meaning meant, Duration patience) throws SQLException {
        if (meant.settings().stream().noneMatch(setting -> SEARCH_PATHS.contains(setting.name()))) {
            return statement;
        }
        Connection connection = state.metadata(patience);
        Map<String, String> schemas = new HashMap<>();
        meant.on(connection, () -> {
            for (Statement.TableUse table : statement.tables()) {
                String found = table.schema() == null ? SearchPath.schemaOf(table.name(), connection) : null;
                if (found != null) {
                    schemas.put(table.name(), found);
                }
            }
            return schemas;
        });
        return Qualified.of(statement, schemas::get);
    }

    private static void run(Connection connection, String text) throws SQLException {
        BoundedCommand.execute(connection, text);
    }
}
