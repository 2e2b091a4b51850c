package io.tunabledb.engine.h2;

import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.ddl.change.Computed;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.ddl.change.SchemaChangeBlockedException;
import io.tunabledb.engine.h2.ddl.change.SchemaChangeResult;
import io.tunabledb.engine.h2.internals.Stacks;
import io.tunabledb.engine.h2.sharding.ShardRefusedException;
import io.tunabledb.engine.h2.snapshot.SchemaScript;
import io.tunabledb.engine.h2.sql.SqlErrors;
import io.tunabledb.engine.h2.sql.SqlTokens;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.h2.api.ErrorCode;
import org.h2.message.DbException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The trial of a definition before it is proposed: whether it would stop the replicas that apply it, or leave a schema that
 * no snapshot could be read back with. It is executed on a private copy of the schema, where whatever it throws costs only
 * its caller, on a stack a fraction of the one that applying has. What is merely an SQL error passes: that is what the entry
 * comes to, on every replica alike.
 */
final class Preflight {
    private static final Logger LOG = LoggerFactory.getLogger(Preflight.class);
    /** With more rows than this a definition can't be tried with them. */
    private static final long MOST_ROWS = 100_000;

    private final TrialSchema schema;
    private final Consumer<Map<String, String>> reader;

    /** @param reader of what the catalog is after a definition */
    Preflight(TrialSchema schema, Consumer<Map<String, String>> reader) {
        this.schema = schema;
        this.reader = reader;
    }

    /**
     * Why a definition can't be proposed, or null.
     *
     * @param patience how long it may take
     */
    @Nullable
    SchemaChangeResult refusal(SchemaChange definition, Duration patience) {
        if (isHarmless(definition)) {
            return null;
        }
        try {
            if (!schema.enter(patience)) {
                return busy(patience);
            }
        } catch (InterruptedException e) {
            return interrupted();
        }
        try {
            return attempt(definition, patience);
        } finally {
            schema.exit();
        }
    }

    /** These compile no expression and take away nothing that another needs, whatever stands in the schema. */
    private static boolean isHarmless(SchemaChange definition) {
        String sql = definition.sql();
        return sql.isEmpty()
                || SqlTokens.startsWith(sql, "TRUNCATE")
                || SqlTokens.startsWith(sql, "COMMENT")
                || SqlTokens.startsWith(sql, "CREATE", "SCHEMA");
    }

    private @Nullable SchemaChangeResult attempt(SchemaChange definition, Duration patience) {
        Storage copy;
        try {
            // what is in the schema passed its own trial, narrowly perhaps
            copy = Stacks.<Storage, Exception>deep(() -> schema.current(patience));
        } catch (InterruptedException e) {
            return interrupted();
        } catch (TimeoutException e) {
            return busy(patience);
        } catch (Exception e) {
            // a schema that can't be copied must be mended by definitions
            LOG.warn("a schema change is not tried first: the schema can't be copied", e);
            return null;
        }
        boolean isKept = false;
        try {
            boolean takes = takesFromOthers(definition);
            Computed.Need need = Computed.need(definition, new Trial(copy).concerned(definition), copy.database());
            Tried tried = execute(copy, definition, patience);
            SchemaChangeResult result = tried.result();
            SchemaChangeResult refusal = result.ok() ? unreadable(copy, takes) : failed(result);
            if (refusal == null && result.ok()) {
                refusal = unreadableCatalog(tried.catalog(), definition);
            }
            if (refusal == null && tried.refusal() != null) {
                refusal = SchemaChangeResult.refused(tried.refusal());
            }
            if (refusal == null && result.ok() && need != Computed.Need.LITTLE) {
                refusal = impossibleWithRows(definition, need, patience);
            }
            if (refusal == null && result.ok()) {
                schema.tried(definition);
                isKept = true;
            }
            return refusal;
        } catch (ExecutionException e) {
            // where memory ends in a change, H2 shuts its database, and may say only that
            return copy.isShut() && !schema.isClosed() ? tooLarge() : refusal(e.getCause());
        } catch (TimeoutException e) {
            // closing the copy ends it
            return overLimit("the schema change took more than definitionTimeout=" + patience.toMillis()
                    + " ms on a copy of the schema; make it simpler, in several statements");
        } catch (InterruptedException e) {
            return interrupted();
        } finally {
            if (!isKept) {
                schema.forget();
            }
        }
    }

    /** What rows make of it is the entry's result, unless it is what would stop a replica. */
    private @Nullable SchemaChangeResult impossibleWithRows(
            SchemaChange definition, Computed.Need need, Duration patience)
            throws ExecutionException, TimeoutException, InterruptedException {
        boolean ofAll = need == Computed.Need.BY_ALL_ROWS;
        SchemaChangeResult result =
                Stacks.shallow(() -> schema.triedWithRows(definition, ofAll, MOST_ROWS, patience), patience.toMillis());
        if (result == null) {
            return overLimit("the schema change computes what may be of any length, or "
                    + (ofAll ? "queries, and the tables have" : "has it computed, and its tables have")
                    + " more than " + MOST_ROWS + " rows, too many to try it on a copy of them first; add the column"
                    + " without that and fill it by UPDATEs, or take the generated column or the check away. Nothing was"
                    + " changed");
        }
        if (result.ok()) {
            return null;
        }
        if (result.errorCode() == ErrorCode.GENERAL_ERROR_1) {
            return impossible(result.message());
        }
        return result.sqlState().equals("TC005") || result.sqlState().equals("TC006") ? result : null;
    }

    /**
     * What a definition came to on the copy.
     *
     * @param catalog what the copy has since
     * @param refusal why a view can't be read since, or what the schema computes would differ from shard to shard, or null
     */
    private record Tried(
            SchemaChangeResult result,
            Map<String, String> catalog,
            @Nullable String refusal) {}

    /** Every node reads it when it has executed the definition. What sharding forbids is said by its own rules. */
    private @Nullable SchemaChangeResult unreadableCatalog(Map<String, String> catalog, SchemaChange definition) {
        try {
            reader.accept(catalog);
            return null;
        } catch (RuntimeException e) {
            try {
                SchemaChangeResult refused = schema.shardingRefusal(definition);
                return refused == null ? impossible(String.valueOf(e.getMessage())) : refused;
            } catch (SQLException another) {
                return impossible(e.getMessage() + "; " + another.getMessage());
            }
        }
    }

    private static Tried execute(Storage copy, SchemaChange definition, Duration patience)
            throws ExecutionException, TimeoutException, InterruptedException {
        LedgerRow row = LedgerRow.unasked(copy.appliedTerm(), copy.appliedIndex() + 1);
        return Stacks.shallow(
                () -> {
                    SchemaChangeResult result = copy.trying().defineUntried(row, definition, patience);
                    String refusal = result.ok() ? copy.trying().viewRefusal(takesFromOthers(definition)) : null;
                    if (result.ok() && refusal == null) {
                        refusal = copy.trying()
                                .expressionRefusal(copy.own().shardSettings().tables(copy.database()));
                    }
                    return new Tried(result, copy.catalog(), refusal);
                },
                patience.toMillis());
    }

    /** Whether it can leave something without what it needs. */
    private static boolean takesFromOthers(SchemaChange definition) {
        return SqlTokens.startsWith(definition.sql(), "DROP")
                || SqlTokens.startsWith(definition.sql(), "ALTER")
                || SqlTokens.startsWith(definition.sql(), "CREATE", "OR", "REPLACE");
    }

    /**
     * What fails without rows fails with them, and is not proposed: H2 may have changed something before, such as the domain
     * whose check it could not make, and would leave it there; over shards in the first one only.
     */
    private static SchemaChangeResult failed(SchemaChangeResult result) {
        return result.errorCode() == ErrorCode.GENERAL_ERROR_1 ? impossible(result.message()) : result;
    }

    /**
     * Whether what is left could not be read back as it is. H2 lets go of what a domain's check, a default or a constant
     * reads, of the columns of a view that a default's subquery names, and of domains with their schema; views alone may be
     * broken.
     */
    private static @Nullable SchemaChangeResult unreadable(Storage copy, boolean takes) {
        try {
            Optional<String> fault = Stacks.<Optional<String>, Exception>deep(() ->
                    takes || mayDangle(SchemaScript.of(copy.database())) ? Restorable.fault(copy) : Optional.empty());
            return fault.map(why -> SchemaChangeResult.refused(
                            "after the schema change something in the schema would not work any more, so that"
                                    + " it could not be read back from a snapshot: " + why
                                    + "; drop or change that first. Nothing was changed"))
                    .orElse(null);
        } catch (DbException e) {
            return impossible(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            return interrupted();
        } catch (Exception e) {
            LOG.debug("a schema change is refused: its schema could not be read back", e);
            Throwable cause = e.getCause() == null ? e : e.getCause();
            return SchemaChangeResult.refused(
                    "after the schema change something in the schema would not work any more, so that"
                            + " it could not be read back from a snapshot: " + cause.getMessage()
                            + "; drop or change that first. Nothing was changed");
        } catch (StackOverflowError e) {
            return overLimit(
                    "the schema that the change would leave is nested too deeply to be read back from a snapshot;"
                            + " nothing was changed");
        }
    }

    /** Whether something beside views needs what H2 may let go of: it queries, it is a domain's, or another name. */
    private static boolean mayDangle(SchemaScript script) {
        return Stream.concat(script.before().stream(), script.after().stream())
                .filter(sql -> !sql.startsWith("CREATE FORCE VIEW"))
                .anyMatch(sql -> sql.contains("SELECT")
                        || sql.startsWith("ALTER DOMAIN")
                        || sql.startsWith("CREATE SYNONYM")
                        || (sql.startsWith("CREATE DOMAIN")
                                && (sql.contains(" DEFAULT ") || sql.contains(" ON UPDATE "))));
    }

    private static @Nullable SchemaChangeResult refusal(@Nullable Throwable failure) {
        if (failure instanceof ShardRefusedException refused) {
            return SchemaChangeResult.refused(refused.refusal());
        }
        if (failure == null || failure instanceof SchemaChangeBlockedException) {
            return null;
        }
        if (SqlErrors.isOverflow(failure)) {
            return overLimit("the schema change is nested too deeply: " + Stacks.SHALLOW_BYTES / 1024
                    + " kB of stack are not enough to compile it, or what depends on it; use fewer operators in a"
                    + " row, brackets in brackets and views over views. Nothing was changed");
        }
        if (failure instanceof OutOfMemoryError) {
            return tooLarge();
        }
        LOG.warn("a schema change that would have stopped its replicas is refused", failure);
        return impossible(String.valueOf(failure.getMessage()));
    }

    private static SchemaChangeResult tooLarge() {
        return overLimit("the heap is too small to try the schema change; nothing was changed");
    }

    private static SchemaChangeResult impossible(String why) {
        return SchemaChangeResult.refused("storage can't execute the schema change: " + why + "; nothing was changed");
    }

    private static SchemaChangeResult busy(Duration patience) {
        return overLimit("other schema changes took more than definitionTimeout=" + patience.toMillis()
                + " ms; try again. Nothing was changed");
    }

    private static SchemaChangeResult interrupted() {
        Thread.currentThread().interrupt();
        return new SchemaChangeResult(false, 0, "interrupted while the schema change was tried", "57014", 57014);
    }

    private static SchemaChangeResult overLimit(String message) {
        return new SchemaChangeResult(false, 0, message, "TC006", 0);
    }
}
