package io.tunabledb.engine.url;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.h2.internals.Compatibility;
import io.tunabledb.engine.load.LoadOptions;
import io.tunabledb.sql.SqlParser;
import io.tunabledb.sql.SqlSyntaxException;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A parsed {@code jdbc:tunable:} URL with its properties.
 *
 * @param text the URL as given
 * @param kind where the database lives
 * @param name the name or path
 */
public record DatabaseUrl(String text, Kind kind, String name, Map<Property, String> properties) {
    private static final String PREFIX = "jdbc:tunable:";
    private static final int MOST_CHARS = 1 << 15;
    private static final int BEGINNING_CHARS = 60;
    private static final Pattern DURATION =
            Pattern.compile("\\s*(-?\\d+)\\s*(ms|millis\\w*|s|sec\\w*|m|min\\w*)?\\s*", Pattern.CASE_INSENSITIVE);

    public DatabaseUrl {
        properties = Map.copyOf(properties);
    }

    /** Where a database lives. */
    public enum Kind {
        /** In this JVM's memory; gone with its last connection. */
        MEM,
        /** In this JVM, with logs and snapshots under a path. */
        FILE
    }

    /** Whether {@code url} is one of ours. */
    public static boolean accepts(String url) {
        return url.startsWith(PREFIX);
    }

    /**
     * Parses; properties of the URL override those of {@code info}.
     *
     * @throws SQLException 22023 for an unknown or ill-formed part, saying what is known; TC006 for one too long; HYC00 for URL forms that this
     *     version can't open yet
     */
    public static DatabaseUrl parse(String url, Properties info) throws SQLException {
        requireBounded("the URL", url);
        String rest = url.substring(PREFIX.length());
        int question = rest.indexOf('?');
        String target = question < 0 ? rest : rest.substring(0, question);
        int misplaced = question < 0 ? -1 : rest.indexOf(';', question);
        if (misplaced >= 0) {
            throw H2UrlSettings.misplaced(url, rest.substring(misplaced + 1));
        }
        Map<Property, String> properties = new EnumMap<>(Property.class);
        for (Map.Entry<String, String> given : texts(info, url).entrySet()) {
            requireBounded("the name of a property", given.getKey());
            requireBounded("property '" + given.getKey() + "'", given.getValue());
            properties.put(property(given.getKey(), url), given.getValue());
        }
        int settings = target.indexOf(';');
        if (settings >= 0) {
            properties.putAll(H2UrlSettings.read(url, target.substring(settings + 1)));
            target = target.substring(0, settings);
        }
        if (question >= 0) {
            for (String pair : rest.substring(question + 1).split("&", -1)) {
                if (pair.isEmpty()) {
                    continue;
                }
                int equals = pair.indexOf('=');
                if (equals < 0) {
                    throw invalid(url, "'" + pair + "' is not key=value");
                }
                properties.put(property(pair.substring(0, equals), url), decoded(pair.substring(equals + 1), url));
            }
        }
        if (target.indexOf('\0') >= 0) {
            throw invalid(url.replace("\0", "\\0"), "a name or path has no character 0");
        }
        DatabaseUrl parsed = of(url, target, properties);
        parsed.check();
        return parsed;
    }

    /** What is longer is a mistake, and would be repeated in the error that says so. */
    private static void requireBounded(String what, String text) throws SQLException {
        if (text.length() > MOST_CHARS) {
            throw Errors.of(
                    SqlState.OVER_LIMIT,
                    what + " has " + text.length() + " characters; the most is " + MOST_CHARS + ". It begins with '"
                            + text.substring(0, BEGINNING_CHARS) + "'");
        }
    }

    private static String decoded(String value, String url) throws SQLException {
        try {
            return URLDecoder.decode(value, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw invalid(url, "'" + value + "' has a % that is no escape of two hexadecimal digits; write %25 for it");
        }
    }

    /** A number or a truth value means what its text does; defaults count too, as Properties has it. */
    private static Map<String, String> texts(Properties info, String url) throws SQLException {
        Map<String, String> texts = new TreeMap<>();
        for (String key : info.stringPropertyNames()) {
            texts.put(key, info.getProperty(key));
        }
        for (Map.Entry<Object, Object> one : info.entrySet()) {
            Object value = one.getValue();
            if (!(one.getKey() instanceof String key)) {
                throw invalid(url, "property " + one.getKey() + " has no text for its name");
            }
            if (value instanceof Number || value instanceof Boolean) {
                texts.put(key, value.toString());
            } else if (!(value instanceof String)) {
                throw invalid(
                        url,
                        "property '" + key + "' is a " + value.getClass().getName()
                                + "; give it as text or as a number");
            }
        }
        return texts;
    }

    private static DatabaseUrl of(String url, String target, Map<Property, String> properties) throws SQLException {
        int ampersand = target.indexOf('&');
        int equals = target.indexOf('=', Math.max(ampersand, 0));
        if (ampersand >= 0
                && equals > ampersand
                && Property.named(target.substring(ampersand + 1, equals)).isPresent()) {
            throw invalid(url, "the first property follows a \"?\", not a \"&\"");
        }
        if (target.startsWith("mem:") && target.length() > 4) {
            return new DatabaseUrl(url, Kind.MEM, target.substring(4), properties);
        }
        if (target.startsWith("file:") && target.length() > 5) {
            return new DatabaseUrl(url, Kind.FILE, target.substring(5), properties);
        }
        if (target.startsWith("node:") || target.startsWith("//")) {
            throw Errors.of(
                    SqlState.NOT_SUPPORTED,
                    "'" + url + "' asks for a cluster of processes, which this version does not run; use "
                            + "jdbc:tunable:mem:NAME or jdbc:tunable:file:PATH");
        }
        throw invalid(url, "expected jdbc:tunable:mem:NAME or jdbc:tunable:file:PATH");
    }

    private static Property property(String key, String url) throws SQLException {
        return Property.named(key)
                .orElseThrow(() -> invalid(url, "unknown property '" + key + "'; known are " + Property.known()));
    }

    private static SQLException invalid(String url, String what) {
        return Errors.of(SqlState.INVALID_ARGUMENT, "URL '" + url + "': " + what);
    }

    private void check() throws SQLException {
        checkPath();
        number(Property.SHARDS, 1, 64);
        maxGatherRows();
        maxMoveRows();
        maxTrialRows();
        if (number(Property.REPLICAS, 1, 9) % 2 == 0) {
            throw invalid(
                    text,
                    "replicas=" + value(Property.REPLICAS)
                            + " gives no more fault tolerance than one less; use 1, 3, 5, 7 or 9");
        }
        number(Property.HOME, 0, replicas());
        consistency();
        consistencyTimeout();
        definitionTimeout();
        definitionGrace();
        closeDelay();
        electionTimeout();
        startTimeout();
        snapshotAfter();
        maxTransaction();
        diskReserve();
        outboxEntries();
        outboxBytes();
        outboxDrain();
        memoryWatermark();
        loadOptions();
        auditSample();
        slaKeys();
        compatibility();
        oneOf(Property.IF_EXISTS, "true", "false");
        skipEntry();
        oneOf(Property.TOKEN_SCOPE, "connection", "datasource");
        oneOf(Property.LINEARIZABLE_READS, "readIndex", "lease");
    }

    private void checkPath() throws SQLException {
        try {
            if (kind == Kind.FILE) {
                path();
            }
        } catch (InvalidPathException e) {
            throw invalid(text, "'" + name + "' is no path: " + e.getReason());
        }
    }

    /** What tells this database from every other in this JVM. */
    public String identity() throws SQLException {
        if (kind == Kind.MEM) {
            return "mem:" + name;
        }
        try {
            Path path = path().toAbsolutePath().normalize();
            return "file:" + (path.toFile().exists() ? path.toRealPath() : path);
        } catch (IOException e) {
            throw Errors.of(SqlState.CANNOT_CONNECT, "path '" + name + "' can't be resolved", e);
        }
    }

    /** The name that its users see as the catalog of their tables: the last part of its name or path. */
    public String catalog() {
        return name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
    }

    /** The directory of a FILE database; {@code ~} is the user's home. */
    public Path path() {
        return name.startsWith("~/") ? Path.of(System.getProperty("user.home"), name.substring(2)) : Path.of(name);
    }

    /** The user who connects; empty when the client did not say. */
    public String user() {
        return properties.getOrDefault(Property.USER, Property.USER.defaultValue());
    }

    /** The dialect it asks for. */
    public Compatibility.Asked compatibility() throws SQLException {
        try {
            return new Compatibility.Asked(properties.get(Property.MODE), properties.get(Property.NULL_ORDERING));
        } catch (IllegalArgumentException e) {
            throw invalid(text, String.valueOf(e.getMessage()));
        }
    }

    /** What each connection begins with; empty for nothing. */
    public String init() {
        return properties.getOrDefault(Property.INIT, Property.INIT.defaultValue());
    }

    /** Whether a database that is not there is not to be made. */
    public boolean mustExist() {
        return "true".equalsIgnoreCase(properties.get(Property.IF_EXISTS));
    }

    /** How many shards. */
    public int shards() throws SQLException {
        return (int) number(Property.SHARDS, 1, 64);
    }

    /** How many rows of several shards a statement may bring together. */
    public long maxGatherRows() throws SQLException {
        return number(Property.MAX_GATHER_ROWS, 1, Integer.MAX_VALUE);
    }

    /** How many rows one ALTER TABLE may send to other shards. */
    public long maxMoveRows() throws SQLException {
        return number(Property.MAX_MOVE_ROWS, 1, Integer.MAX_VALUE);
    }

    /** How many rows of one shard are copied at most to try a schema change on. */
    public long maxTrialRows() throws SQLException {
        return number(Property.MAX_TRIAL_ROWS, 0, Integer.MAX_VALUE);
    }

    /** How many nodes. */
    public int replicas() throws SQLException {
        return (int) number(Property.REPLICAS, 1, 9);
    }

    /** The node this connection is next to; 0 for all. */
    public int home() throws SQLException {
        return (int) number(Property.HOME, 0, 9);
    }

    /** The URL's ladder, or null when it says none. */
    public @Nullable Ladder consistency() throws SQLException {
        String given = properties.get(Property.CONSISTENCY);
        if (given == null) {
            return null;
        }
        try {
            return SqlParser.parseLadder(given);
        } catch (SqlSyntaxException e) {
            throw invalid(text, "consistency=" + given + ": " + e.getMessage());
        }
    }

    /** How long a statement waits. */
    public Duration consistencyTimeout() throws SQLException {
        return duration(Property.CONSISTENCY_TIMEOUT, 1, Integer.MAX_VALUE);
    }

    /** How long a schema change may take. */
    public Duration definitionTimeout() throws SQLException {
        return duration(Property.DEFINITION_TIMEOUT, 1, Integer.MAX_VALUE);
    }

    /** How long a schema change waits for what is in its way. */
    public Duration definitionGrace() throws SQLException {
        return duration(Property.DEFINITION_GRACE, 1, Integer.MAX_VALUE);
    }

    /** How long the engine outlives its last connection; null for ever. */
    public @Nullable Duration closeDelay() throws SQLException {
        Duration delay = duration(Property.CLOSE_DELAY, -1, Integer.MAX_VALUE);
        return delay.isNegative() ? null : delay;
    }

    /** The shortest election timeout; the longest is twice as long. */
    public Duration electionTimeout() throws SQLException {
        return duration(Property.ELECTION_TIMEOUT, 100, 60_000);
    }

    /** How long an opening may go on without any progress. */
    public Duration startTimeout() throws SQLException {
        return duration(Property.START_TIMEOUT, 1, Integer.MAX_VALUE);
    }

    /** Bytes of log between snapshots. */
    public long snapshotAfter() throws SQLException {
        return number(Property.SNAPSHOT_AFTER, 1024, Long.MAX_VALUE);
    }

    /** Bytes that stay free on the disk. */
    public long diskReserve() throws SQLException {
        return number(Property.DISK_RESERVE, 0, 1L << 60);
    }

    /** The largest transaction in the log, in bytes. */
    public int maxTransaction() throws SQLException {
        return (int) number(Property.MAX_TRANSACTION, 1 << 16, 1 << 30);
    }

    /** The most writes an outbox may hold. */
    public long outboxEntries() throws SQLException {
        return number(Property.OUTBOX_ENTRIES, 1, 1_000_000_000);
    }

    /** The most bytes an outbox may hold. */
    public long outboxBytes() throws SQLException {
        return number(Property.OUTBOX_BYTES, 1024, 1L << 30);
    }

    /** How long the last close waits for outboxes. */
    public Duration outboxDrain() throws SQLException {
        return duration(Property.OUTBOX_DRAIN, 0, Integer.MAX_VALUE);
    }

    /** The file of rules to apply at the start, or empty. */
    public String rules() {
        return value(Property.RULES).trim();
    }

    /** What the load is read from, and how long it must last. */
    public LoadOptions loadOptions() throws SQLException {
        int capacity = (int) number(Property.LOAD_CAPACITY, 0, 1_000_000);
        return new LoadOptions(
                loadSources(),
                capacity == 0 ? 8 * Runtime.getRuntime().availableProcessors() : capacity,
                duration(Property.LOAD_QUEUE_WAIT, 1, Integer.MAX_VALUE),
                duration(Property.LOAD_ENTER, 0, Integer.MAX_VALUE),
                duration(Property.LOAD_LEAVE, 0, Integer.MAX_VALUE),
                loadMargin());
    }

    private Set<LoadOptions.Source> loadSources() throws SQLException {
        Set<LoadOptions.Source> sources = EnumSet.noneOf(LoadOptions.Source.class);
        for (String given : value(Property.LOAD_SOURCES).split(",", -1)) {
            String key = given.trim();
            List<LoadOptions.Source> found = Arrays.stream(LoadOptions.Source.values())
                    .filter(source -> source.key().equalsIgnoreCase(key))
                    .toList();
            if (found.isEmpty() && !key.isEmpty()) {
                throw invalid(
                        text, "loadSources: there is no source '" + key + "'; known are inFlight, queueWait, cpu");
            }
            sources.addAll(found);
        }
        return sources;
    }

    private double loadMargin() throws SQLException {
        String given = value(Property.LOAD_MARGIN);
        try {
            double margin = Double.parseDouble(given);
            if (margin >= 0 && margin < 1) {
                return margin;
            }
        } catch (NumberFormatException e) {
            throw invalid(text, "loadMargin=" + given + " is not a number");
        }
        throw invalid(text, "loadMargin=" + given + " is not in [0, 1)");
    }

    /** The part of the heap above which writes are refused. */
    public double memoryWatermark() throws SQLException {
        double part = part(Property.MEMORY_WATERMARK);
        if (part == 0) {
            throw invalid(text, "memoryWatermark=" + value(Property.MEMORY_WATERMARK) + " is not in (0, 1]");
        }
        return part;
    }

    /** The part of the reads that are audited. */
    public double auditSample() throws SQLException {
        return part(Property.AUDIT_SAMPLE);
    }

    /** How many combinations the monitor tells apart. */
    public int slaKeys() throws SQLException {
        return (int) number(Property.SLA_KEYS, 1, 100_000);
    }

    /** The entry to leave out; null for none. */
    public @Nullable EntryName skipEntry() throws SQLException {
        String given = value(Property.SKIP_ENTRY).trim();
        if (given.isEmpty()) {
            return null;
        }
        EntryName name = EntryName.of(given);
        if (name == null || name.shard() >= shards()) {
            throw invalid(
                    text,
                    "skipEntry=" + given + " names no entry: write SHARD:INDEX, as the error says that named it, with a"
                            + " shard from 0 to " + (shards() - 1));
        }
        return name;
    }

    private double part(Property property) throws SQLException {
        try {
            double part = Double.parseDouble(value(property));
            if (part >= 0 && part <= 1) {
                return part;
            }
        } catch (NumberFormatException e) {
            throw invalid(text, property.key() + "=" + value(property) + " is not a number");
        }
        throw invalid(text, property.key() + "=" + value(property) + " is not in [0, 1]");
    }

    /** Whether equal URLs share one session vector. */
    public boolean sharesToken() {
        return value(Property.TOKEN_SCOPE).equalsIgnoreCase("datasource");
    }

    /** Whether leader leases may confirm reads. */
    public boolean leaderLease() {
        return value(Property.LINEARIZABLE_READS).equalsIgnoreCase("lease");
    }

    /** The value given, or the default. */
    public String value(Property property) {
        String given = properties.get(property);
        return given == null ? property.defaultValue() : given;
    }

    /** Milliseconds, or a number with a unit: {@code 200ms}, {@code 5s}, {@code 2 minutes}. */
    private Duration duration(Property property, long leastMillis, long mostMillis) throws SQLException {
        Matcher matcher = DURATION.matcher(value(property));
        if (!matcher.matches()) {
            throw invalid(text, property.key() + "=" + value(property) + " is not a duration such as 500, 200ms or 5s");
        }
        String unit = Objects.requireNonNullElse(matcher.group(2), "ms").toLowerCase(Locale.ROOT);
        long perUnit = unit.startsWith("ms") || unit.startsWith("milli") ? 1 : unit.startsWith("s") ? 1_000 : 60_000;
        try {
            long millis = Math.multiplyExact(Long.parseLong(matcher.group(1)), perUnit);
            if (millis >= leastMillis && millis <= mostMillis) {
                return Duration.ofMillis(millis);
            }
        } catch (NumberFormatException | ArithmeticException e) {
            throw invalid(text, property.key() + "=" + value(property) + " is too large");
        }
        throw invalid(
                text,
                property.key() + "=" + value(property) + " is not in " + leastMillis + " to " + mostMillis + " ms");
    }

    private long number(Property property, long least, long most) throws SQLException {
        try {
            long value = Long.parseLong(value(property).trim());
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw invalid(text, property.key() + "=" + value(property) + " is not a whole number");
        }
        throw invalid(text, property.key() + "=" + value(property) + " is not in " + least + " to " + most);
    }

    private void oneOf(Property property, String left, String right) throws SQLException {
        String value = value(property).toLowerCase(Locale.ROOT);
        if (!value.equals(left.toLowerCase(Locale.ROOT)) && !value.equals(right.toLowerCase(Locale.ROOT))) {
            throw invalid(text, property.key() + "=" + value(property) + " is neither " + left + " nor " + right);
        }
    }
}
