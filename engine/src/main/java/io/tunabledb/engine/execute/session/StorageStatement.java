package io.tunabledb.engine.execute.session;

import io.tunabledb.engine.api.StatementOptions;
import io.tunabledb.engine.h2.Writer;
import io.tunabledb.engine.h2.ddl.rule.OwnDefinitions;
import io.tunabledb.engine.h2.statement.BoundedCommand;
import io.tunabledb.engine.h2.statement.KeptResults;
import io.tunabledb.engine.h2.statement.SessionNames;
import io.tunabledb.engine.shard.Reader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One SQL text of a session, with the storage statements it has been compiled as: one per storage connection it ever ran
 * on. Used by one thread at a time.
 */
public final class StorageStatement implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StorageStatement.class);
    private static final AtomicLong NUMBERS = new AtomicLong();
    /** A session reads each shard from a few replicas at most. */
    private static final int MOST_ASKED = 64;

    /**
     * The text on a storage connection.
     *
     * @param keepsResult whether storage keeps what it gave last
     * @param forgets whether each execution must begin without what the last one's parts gave
     * @param changes how often what names mean had changed there when it was compiled
     */
    private record Compiled(
            Connection connection, PreparedStatement statement, boolean keepsResult, boolean forgets, long changes) {
        PreparedStatement ready() throws SQLException {
            if (forgets) {
                KeptResults.letGoOfAll(statement);
            }
            return statement;
        }
    }

    private final String sql;
    private final StatementOptions options;
    private final @Nullable Meaning meaning;
    private final List<Compiled> compiled = new ArrayList<>(2);
    private @Nullable Compiled last;
    /** Where a snapshot was asked, and what was applied there then. */
    private final IdentityHashMap<Reader, Long> asked = new IdentityHashMap<>(2);

    private long maxRows;
    private int timeoutSeconds;
    /** 0 until it is asked for. */
    private long number;

    /** A text that means what it means when it is compiled. */
    public StorageStatement(String sql, StatementOptions options) {
        this(sql, options, null);
    }

    /** @param meaning what the text means; null: what it means when it is compiled */
    public StorageStatement(String sql, StatementOptions options, @Nullable Meaning meaning) {
        this.sql = sql;
        this.options = options;
        this.meaning = meaning;
    }

    /** What the text means; null: what it means when it is compiled. */
    public @Nullable Meaning meaning() {
        return meaning;
    }

    /** A text of our own. */
    public static StorageStatement plain(String text) {
        return new StorageStatement(text, StatementOptions.DEFAULT);
    }

    /** The most rows; 0 means all. */
    public long maxRows() {
        return maxRows;
    }

    /** After how many seconds it is cancelled; 0 means never. */
    public int timeoutSeconds() {
        return timeoutSeconds;
    }

    /**
     * Another text, with this one's options and limits.
     *
     * @param known those of earlier times by their text; one with other options or limits is replaced
     */
    public StorageStatement with(String text, Map<String, StorageStatement> known) {
        StorageStatement last = known.get(text);
        if (last != null
                && last.options.equals(options)
                && Objects.equals(last.meaning, meaning)
                && last.maxRows == maxRows
                && last.timeoutSeconds == timeoutSeconds) {
            return last;
        }
        if (last != null) {
            last.close();
        }
        StorageStatement other = new StorageStatement(text, options, meaning);
        other.maxRows = maxRows;
        other.timeoutSeconds = timeoutSeconds;
        known.put(text, other);
        return other;
    }

    /** What it was prepared with. */
    public StatementOptions options() {
        return options;
    }

    /** A number that no other has in this process, for nodes that execute it for its session. */
    public long number() {
        if (number == 0) {
            number = NUMBERS.incrementAndGet();
        }
        return number;
    }

    /** The text storage is given. */
    public String sql() {
        return sql;
    }

    /** Whether generated keys are wanted. */
    public boolean wantsKeys() {
        return options.keys().wanted();
    }

    /** The most rows; 0 means all. */
    public void maxRows(long rows) throws SQLException {
        maxRows = rows;
        for (Compiled one : compiled) {
            one.statement.setLargeMaxRows(rows);
        }
    }

    /** After how many seconds storage cancels the statement; 0 means never. */
    public void timeout(int seconds) throws SQLException {
        timeoutSeconds = seconds;
        for (Compiled one : compiled) {
            one.statement.setQueryTimeout(seconds);
        }
    }

    @Nullable
    public Duration timeout() {
        return timeoutSeconds == 0 ? null : Duration.ofSeconds(timeoutSeconds);
    }

    /** The statement on the reader's connection for {@code mode}. */
    public PreparedStatement on(Reader reader, Reader.Mode mode) throws SQLException {
        return on(reader.connection(mode), true);
    }

    /** Whether storage keeps what the text gives there. */
    public boolean keepsResult(Reader reader, Reader.Mode mode) throws SQLException {
        var unused = on(reader, mode);
        Compiled recent = last;
        return recent != null && recent.keepsResult;
    }

    /** Whether it was asked there before, when the replica had applied just as much. */
    public boolean isAskedAgain(Reader reader, long index) {
        if (asked.size() > MOST_ASKED) {
            asked.clear();
        }
        Long before = asked.put(reader, index);
        return before != null && before == index;
    }

    /**
     * The statement on a reader's connection, to be described. Reads of the same text there run what storage compiled for
     * this one, so it is readied as theirs are.
     */
    public PreparedStatement describedOn(Connection connection) throws SQLException {
        return on(connection, true);
    }

    /** The statement on a writer's connection, where only its plan is looked at. */
    public PreparedStatement plannedOn(Writer writer) throws SQLException {
        return on(writer.connection(), false);
    }

    /**
     * The statement on a writer's connection, to be executed once.
     *
     * @throws SQLException HYC00 when it would define what is not the session's own
     */
    public PreparedStatement on(Writer writer) throws SQLException {
        Connection connection = writer.connection();
        PreparedStatement statement = on(connection, false);
        if (OwnDefinitions.isOne(statement)) {
            close(); // the next execution compiles it anew, and checks it again
            statement = on(connection, false);
            OwnDefinitions.require(connection, statement, sql);
        }
        return statement;
    }

    private PreparedStatement on(Connection connection, boolean keepsResults) throws SQLException {
        Meaning meant = meaning;
        boolean isOld = meant != null && !meant.isCurrent();
        Compiled known = known(connection);
        if (known != null && isOld && known.changes != SessionNames.changes(connection)) {
            // storage would compile it anew, for what names mean now
            compiled.remove(known);
            known.statement.close();
            known = null;
        }
        if (known == null) {
            known = meant == null || !isOld
                    ? fresh(connection, keepsResults)
                    : meant.on(connection, () -> fresh(connection, keepsResults));
            if (isOld) {
                // definitions wait until it has been executed; a SET of any session would make storage compile it
                SessionNames.keepCompiled(known.statement);
            }
        }
        last = known;
        return known.ready();
    }

    private @Nullable Compiled known(Connection connection) {
        Compiled recent = last;
        if (recent != null && recent.connection == connection) {
            return recent;
        }
        for (Compiled one : compiled) {
            if (one.connection == connection) {
                return one;
            }
        }
        return null;
    }

    private Compiled fresh(Connection connection, boolean keepsResults) throws SQLException {
        long changes = SessionNames.changes(connection);
        PreparedStatement statement = prepare(connection);
        if (!keepsResults) {
            KeptResults.none(statement);
        }
        Compiled fresh = new Compiled(
                connection,
                statement,
                keepsResults && KeptResults.ofCostly(statement),
                KeptResults.areOfOtherValues(statement, sql),
                changes);
        compiled.removeIf(one -> isClosed(one.connection));
        compiled.add(fresh);
        return fresh;
    }

    /** The statement that {@link #on} gave last was executed. */
    public void executed() throws SQLException {
        Compiled recent = last;
        if (recent != null && recent.keepsResult) {
            KeptResults.letGoOfLarge(recent.statement);
        }
    }

    private PreparedStatement prepare(Connection connection) throws SQLException {
        StatementOptions.Keys keys = options.keys();
        List<String> names = keys.names();
        List<Integer> indexes = keys.indexes();
        PreparedStatement statement;
        if (names != null) {
            statement = connection.prepareStatement(sql, names.toArray(String[]::new));
        } else if (indexes != null) {
            statement = connection.prepareStatement(
                    sql, indexes.stream().mapToInt(Integer::intValue).toArray());
        } else if (keys.wanted()) {
            statement = connection.prepareStatement(sql, Statement.RETURN_GENERATED_KEYS);
        } else if (options.scrollable()) {
            statement = connection.prepareStatement(sql, ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_READ_ONLY);
        } else {
            statement = connection.prepareStatement(sql);
        }
        if (maxRows > 0) {
            statement.setLargeMaxRows(maxRows);
        }
        if (timeoutSeconds > 0) {
            statement.setQueryTimeout(timeoutSeconds);
        }
        return BoundedCommand.bound(statement, connection, sql);
    }

    private static boolean isClosed(Connection connection) {
        try {
            return connection.isClosed();
        } catch (SQLException e) {
            return true;
        }
    }

    @Override
    public void close() {
        for (Compiled one : compiled) {
            try {
                one.statement.close();
            } catch (SQLException e) {
                LOG.trace("its connection went first", e);
            }
        }
        compiled.clear();
        last = null;
    }
}
