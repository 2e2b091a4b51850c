package io.tunabledb.engine.url;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** Every property a URL may carry. */
public enum Property {
    SHARDS("shards", "1", "how many shards the tables live in, 1 to 64; fixed at creation"),
    REPLICAS("replicas", "3", "on how many nodes each shard is replicated, 1 to 9, odd; fixed at creation"),
    CONSISTENCY("consistency", "SEQUENTIAL", "the ladder for statements that nothing else decides for"),
    MAX_GATHER_ROWS(
            "maxGatherRows",
            "1000000",
            "how many rows of several shards one statement may bring together in one place"),
    MAX_MOVE_ROWS(
            "maxMoveRows",
            "1000000",
            "how many rows one ALTER TABLE may send to other shards; their writers wait for it"),
    MAX_TRIAL_ROWS(
            "maxTrialRows",
            "5000000",
            "how many rows of one shard are copied to try a schema change that can fail on rows; above, it is refused"),
    CONSISTENCY_TIMEOUT("consistencyTimeout", "5000", "milliseconds a statement waits for its level or its commit"),
    DEFINITION_TIMEOUT("definitionTimeout", "60000", "milliseconds a schema change may take"),
    DEFINITION_GRACE(
            "definitionGrace", "2000", "milliseconds a schema change waits for what is in its way before it ends it"),
    TOKEN_SCOPE("tokenScope", "datasource", "datasource: equal URLs share one token; connection: each has its own"),
    USER_TYPE("userType", "", "the user type consistency rules see; where there are users, their records say it"),
    HOME("home", "0", "the node this connection is next to, and only reaches others through; 0: next to all"),
    CLOSE_DELAY("closeDelay", "0", "milliseconds the engine outlives its last connection; -1: until the JVM ends"),
    LINEARIZABLE_READS(
            "linearizableReads", "readIndex", "readIndex: a round to a majority; lease: trust the leader's clock"),
    ELECTION_TIMEOUT("electionTimeout", "400", "milliseconds without a leader before an election, 100 or more"),
    START_TIMEOUT("startTimeout", "120000", "milliseconds an opening may go on without any progress"),
    SNAPSHOT_AFTER("snapshotAfter", "67108864", "bytes of log after which a snapshot is taken and the log purged"),
    MAX_TRANSACTION(
            "maxTransaction", "16777216", "bytes one transaction may change; each replica keeps a buffer so large"),
    OUTBOX_ENTRIES("outboxEntries", "1000000", "EVENTUAL writes a node's outbox may hold that are not carried out yet"),
    OUTBOX_BYTES("outboxBytes", "67108864", "bytes they may have together, statements and values"),
    OUTBOX_DRAIN("outboxDrain", "5000", "milliseconds the last close waits for EVENTUAL writes to be carried out"),
    MEMORY_WATERMARK(
            "memoryWatermark", "0.85", "part of the heap in use after collection above which writes are refused"),
    DISK_RESERVE(
            "diskReserve",
            "8388608",
            "bytes that stay free on the disk for what has begun; with less, writes are refused (TC007)"),
    RULES(
            "rules",
            "",
            "classpath:FILE or file:PATH of CREATE CONSISTENCY RULE statements applied when the engine starts"),
    LOAD_SOURCES(
            "loadSources",
            "inFlight,queueWait,cpu",
            "what the load that rules look at is read from, separated by commas; the highest counts"),
    LOAD_CAPACITY("loadCapacity", "0", "statements in flight at once that are full load; 0: eight for each processor"),
    LOAD_QUEUE_WAIT("loadQueueWait", "50", "milliseconds a statement waits on average that are full load"),
    LOAD_ENTER("loadEnter", "500", "milliseconds the load stays above a rule's threshold before it is downgraded"),
    LOAD_LEAVE("loadLeave", "5000", "milliseconds the load stays below, by loadMargin, before it is restored"),
    LOAD_MARGIN("loadMargin", "0.2", "part of the threshold the load must fall below it, from 0 to below 1"),
    AUDIT_SAMPLE("auditSample", "0.01", "part of the reads that are checked again after the fact, 0 to 1"),
    SLA_KEYS("slaKeys", "1000", "combinations of table, operation, level and who decided that are counted apart"),
    SKIP_ENTRY(
            "skipEntry",
            "",
            "SHARD:INDEX of a log entry that keeps the database from opening, as the error says, to be left out for good"),
    MODE("mode", "REGULAR", "H2's compatibility mode, such as PostgreSQL or MySQL; fixed at creation"),
    NULL_ORDERING(
            "defaultNullOrdering",
            "LOW",
            "where NULL sorts when a query does not say: LOW, HIGH, FIRST or LAST; fixed at creation"),
    INIT("init", "", "SQL statements that each connection begins with, separated by semicolons"),
    IF_EXISTS("ifExists", "false", "true: a database that is not there is not made"),
    USER("user", "", "who connects; a database without users (CREATE USER) lets in everybody under any name"),
    PASSWORD("password", "", "the user's password; a database without users does not look at it");

    private final String key;
    private final String defaultValue;
    private final String description;

    Property(String key, String defaultValue, String description) {
        this.key = key;
        this.defaultValue = defaultValue;
        this.description = description;
    }

    /** The name in the URL. */
    public String key() {
        return key;
    }

    /** The value when none is given. */
    public String defaultValue() {
        return defaultValue;
    }

    /** What it does, with its unit. */
    public String description() {
        return description;
    }

    static Optional<Property> named(String key) {
        return Arrays.stream(values())
                .filter(property -> property.key.equalsIgnoreCase(key))
                .findFirst();
    }

    static String known() {
        return Arrays.stream(values()).map(Property::key).collect(Collectors.joining(", "));
    }
}
