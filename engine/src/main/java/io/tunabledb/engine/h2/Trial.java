package io.tunabledb.engine.h2;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.ddl.change.SchemaChangeResult;
import io.tunabledb.engine.h2.ddl.rule.ShardRules;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sharding.ShardRefusedException;
import io.tunabledb.engine.h2.sharding.ShardSetting;
import io.tunabledb.engine.h2.sharding.ShardSettings;
import io.tunabledb.engine.h2.snapshot.Pin;
import io.tunabledb.engine.h2.sql.ReservedNames;
import io.tunabledb.engine.h2.sql.SqlErrors;
import io.tunabledb.engine.h2.sql.SqlTokens;
import io.tunabledb.engine.h2.sql.TableName;
import io.tunabledb.engine.heap.Appetite;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.mvstore.db.MVTable;
import org.h2.schema.Domain;
import org.h2.schema.Sequence;
import org.h2.table.Column;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out what a definition would come to, on a private copy of the schema, and of the rows it concerns if that is
 * asked; the storage itself is left as it is.
 */
final class Trial {
    private static final Logger LOG = LoggerFactory.getLogger(Trial.class);
    private final Storage storage;
    private final Duration patience;

    /** @param patience how long the definition may take; zero: as long as it takes */
    Trial(Storage storage, Duration patience) {
        this.storage = storage;
        this.patience = patience;
    }

    Trial(Storage storage) {
        this(storage, Duration.ZERO);
    }

    /** What is done to a copy before the definition is executed there. */
    @FunctionalInterface
    private interface Before {
        void change(Storage copy);

        static void nothing(Storage copy) {}
    }

    /** Without rows: whether the definition is right in itself, and keeps to the rules of sharding. Null when so. */
    @Nullable
    SchemaChangeResult refusal(SchemaChange definition) throws SQLException {
        SchemaChangeResult result = run(definition, Set.of(), Before::nothing);
        if (!result.ok()) {
            return result;
        }
        return storage.isOneOfSeveral() && SqlTokens.startsWith(definition.sql(), "ALTER", "SEQUENCE")
                ? refusalWhereItStands(definition)
                : null;
    }

    /**
     * A sequence moves on while its change goes from shard to shard. So the change must come out well wherever it stands:
     * then also between the two ends of its range. The first shard, which is the first to have the change, has all of the
     * range.
     */
    private @Nullable SchemaChangeResult refusalWhereItStands(SchemaChange definition) throws SQLException {
        for (ToLongFunction<Sequence> end :
                List.<ToLongFunction<Sequence>>of(Sequence::getMinValue, Sequence::getMaxValue)) {
            SchemaChangeResult result =
                    run(definition, Set.of(), copy -> copy.trying().moveSequences(end));
            if (!result.ok()) {
                return SchemaChangeResult.refused(
                        "a sequence that moves may leave the new range in one shard and not in"
                                + " another; add RESTART WITH and where it is to go on");
            }
        }
        return null;
    }

    /**
     * With the rows of the tables it concerns, or of all users' tables.
     *
     * @return null when they have more than {@code maxRows} rows together
     */
    @Nullable
    SchemaChangeResult withRows(SchemaChange definition, SessionLocal session, boolean ofAll, long maxRows)
            throws SQLException {
        Set<TableName> tables = new HashSet<>();
        long rows = 0;
        for (MVTable table : ofAll ? usersTables() : concerned(definition)) {
            rows += table.getRowCountApproximation(session);
            tables.add(Tables.nameOf(table));
        }
        // what is wrong in every shard alike goes before what is wrong with the rows of this one
        SchemaChangeResult refusal = refusal(definition);
        if (refusal != null) {
            return refusal;
        }
        return rows > maxRows ? null : run(definition, tables, Before::nothing);
    }

    /** The tables that a definition names, and those that have a column of a domain it names; rather more than fewer. */
    Set<MVTable> concerned(SchemaChange definition) {
        Set<String> named = new HashSet<>();
        SqlTokens.of(definition.sql()).forEach(token -> named.add(token.text()));
        Set<String> sharded = definition.settings().keySet();
        Set<MVTable> concerned = new HashSet<>();
        for (MVTable table : Tables.replicated(storage.database())) {
            if (named.contains(table.getName())
                    || sharded.contains(ShardSettings.PREFIX + Tables.nameOf(table))
                    || hasDomain(table, named)) {
                concerned.add(table);
            }
        }
        return concerned;
    }

    private List<MVTable> usersTables() {
        List<MVTable> tables = new ArrayList<>(Tables.replicated(storage.database()));
        tables.removeIf(table -> ReservedNames.isOwn(table.getSchema().getName()));
        return tables;
    }

    private static boolean hasDomain(MVTable table, Set<String> named) {
        for (Column column : table.getColumns()) {
            for (Domain domain = column.getDomain(); domain != null; domain = domain.getDomain()) {
                if (named.contains(domain.getName())) {
                    return true;
                }
            }
        }
        return false;
    }

    private SchemaChangeResult run(SchemaChange definition, Set<TableName> withRows, Before before)
            throws SQLException {
        try (Storage copy = copy(withRows)) {
            before.change(copy);
            Map<String, ShardSetting> settings = settings(copy);
            LedgerRow row = LedgerRow.unasked(copy.appliedTerm(), copy.appliedIndex() + 1);
            SchemaChangeResult result = defined(copy, row, definition);
            if (!result.ok()) {
                return result;
            }
            Map<MVTable, ShardSetting> tables = copy.own().shardSettings().tables(copy.database());
            String refusal = missingTable(copy, definition);
            if (refusal == null) {
                refusal = ShardRules.refusal(tables, settings);
            }
            if (refusal == null) {
                refusal = ShardRules.foreignKeyRefusal(Tables.replicated(copy.database()), tables);
            }
            if (refusal == null) {
                refusal = copy.trying().expressionRefusal(tables);
            }
            return refusal == null ? result : SchemaChangeResult.refused(refusal);
        } catch (ShardRefusedException e) {
            return SchemaChangeResult.refused(e.refusal());
        } catch (IllegalStateException e) {
            if (SqlErrors.isCancelled(e.getCause())) {
                return overLimit("the schema change took more than definitionTimeout=" + patience.toMillis()
                        + " ms on a copy of the rows; make it simpler, in several statements");
            }
            return untried(e);
        } catch (IOException | IllegalArgumentException | DbException e) {
            return untried(e);
        } catch (OutOfMemoryError e) {
            return tooLarge(" (" + e.getMessage() + ")");
        }
    }

    private static SchemaChangeResult tooLarge(String why) {
        return overLimit("the schema change needs more memory than this JVM has left of its "
                + (Runtime.getRuntime().maxMemory() >> 20) + " MB to try it on a copy of the schema and the rows" + why
                + "; nothing was changed; change less at a time, or give the JVM a larger heap (-Xmx)");
    }

    /** The same wherever the schema is the same; that the copy itself fails must not stop the replicas that apply it. */
    private static SchemaChangeResult untried(Exception e) {
        LOG.warn("a schema change is refused: it can't be tried on a copy of the schema", e);
        return SchemaChangeResult.refused(
                "the schema change can't be tried on a copy of the schema: " + e.getMessage());
    }

    private static SchemaChangeResult overLimit(String message) {
        return new SchemaChangeResult(false, 0, message, SqlState.OVER_LIMIT.code(), 0);
    }

    /** Ended before the JVM's memory ends: this may be what the trial finds out. */
    private SchemaChangeResult defined(Storage copy, LedgerRow row, SchemaChange definition) {
        Appetite appetite = Appetite.own();
        appetite.begin();
        try {
            return copy.trying().defineUntried(row, definition, patience);
        } catch (IllegalStateException e) {
            // nothing else has the copy: where memory ends in a change, H2 shuts its database, and may say only that
            if (copy.isShut()) {
                return tooLarge("");
            }
            throw e;
        } finally {
            appetite.end();
        }
    }

    private static @Nullable String missingTable(Storage copy, SchemaChange definition) {
        Set<String> names = new HashSet<>();
        Tables.replicated(copy.database())
                .forEach(table -> names.add(Tables.nameOf(table).toString()));
        for (String setting : definition.settings().keySet()) {
            if (setting.startsWith(ShardSettings.PREFIX)
                    && !names.contains(setting.substring(ShardSettings.PREFIX.length()))) {
                return "table " + setting.substring(ShardSettings.PREFIX.length())
                        + " not found, so it can't be sharded; create it first";
            }
        }
        return null;
    }

    private static Map<String, ShardSetting> settings(Storage copy) throws SQLException {
        Map<String, ShardSetting> settings = new HashMap<>();
        copy.own()
                .shardSettings()
                .tables(copy.database())
                .forEach((table, setting) -> settings.put(Tables.nameOf(table).toString(), setting));
        return settings;
    }

    /** The schema without rows, in a storage of its own that the caller closes. */
    Storage copyOfSchema() throws SQLException, IOException {
        return copy(Set.of());
    }

    /** The schema of a moment. */
    Storage copyOfSchema(Pin pin) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        pin.writeTrialTo(out, Set.of());
        return storage.loadAlike(new ByteArrayInputStream(out.toByteArray()));
    }

    private Storage copy(Set<TableName> withRows) throws SQLException, IOException {
        if (withRows.isEmpty()) {
            try (Pin pin = storage.pin()) {
                return copyOfSchema(pin);
            }
        }
        // rows are not held in memory a third time
        Path file = Files.createTempFile("tunabledb-trial", null);
        try {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
                write(out, withRows);
            }
            try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
                return storage.loadAlike(in);
            }
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private void write(OutputStream out, Set<TableName> withRows) throws SQLException, IOException {
        try (Pin pin = storage.pin()) {
            pin.writeTrialTo(out, withRows);
        }
    }
}
