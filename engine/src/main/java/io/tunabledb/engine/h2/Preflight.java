package io.tunabledb.engine.h2;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The trial of a definition before it is proposed: whether it would stop the replicas that apply it. It is executed on a
 * private copy of the schema, where whatever it throws costs only its caller, on a stack a fraction of the one that
 * applying has. What is merely an SQL error passes: that is what the entry comes to, on every replica alike.
 */
final class Preflight {
    private static final Logger LOG = LoggerFactory.getLogger(Preflight.class);
    private final Storage storage;

    Preflight(Storage storage) {
        this.storage = storage;
    }

    /**
     * Why a definition can't be proposed, or null.
     *
     * @param patience how long it may take
     */
    @Nullable
    DefinitionResult refusal(Definition definition, Duration patience) {
        if (isHarmless(definition)) {
            return null;
        }
        Storage copy;
        try {
            // what is in the schema passed its own trial, narrowly perhaps
            copy = Stacks.<Storage, Exception>deep(() -> new Trial(storage).copyOfSchema());
        } catch (Exception e) {
            // a schema that can't be copied must be mended by definitions
            LOG.warn("a schema change is not tried first: the schema can't be copied", e);
            return null;
        }
        try (copy) {
            return run(copy, definition, patience);
        }
    }

    /** These compile no expression, whatever stands in the schema. */
    private static boolean isHarmless(Definition definition) {
        String sql = definition.sql();
        return sql.isEmpty()
                || SqlTokens.startsWith(sql, "TRUNCATE")
                || SqlTokens.startsWith(sql, "DROP")
                || SqlTokens.startsWith(sql, "COMMENT")
                || SqlTokens.startsWith(sql, "CREATE", "SCHEMA");
    }

    private static @Nullable DefinitionResult run(Storage copy, Definition definition, Duration patience) {
        LedgerRow row = LedgerRow.unasked(copy.appliedTerm(), copy.appliedIndex() + 1);
        try {
            Stacks.shallow(
                    () -> {
                        copy.defineUntried(row, definition);
                        copy.catalog();
                        return true;
                    },
                    patience.toMillis());
            return null;
        } catch (ExecutionException e) {
            return refusal(e.getCause());
        } catch (TimeoutException e) {
            // closing the copy ends it
            return overLimit("the schema change took more than definitionTimeout=" + patience.toMillis()
                    + " ms on a copy of the schema without rows; make it simpler, in several statements");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new DefinitionResult(false, 0, "interrupted while the schema change was tried", "57014", 0);
        }
    }

    private static @Nullable DefinitionResult refusal(@Nullable Throwable failure) {
        if (failure instanceof ShardRefusedException refused) {
            return DefinitionResult.refused(refused.refusal());
        }
        if (failure == null || failure instanceof DefinitionBlockedException) {
            return null;
        }
        if (SqlErrors.isOverflow(failure)) {
            return overLimit("the schema change is nested too deeply: " + Stacks.SHALLOW_BYTES / 1024
                    + " kB of stack are not enough to compile it, or what depends on it; use fewer operators in a"
                    + " row, brackets in brackets and views over views. Nothing was changed");
        }
        if (failure instanceof OutOfMemoryError) {
            return overLimit("the heap is too small to try the schema change; nothing was changed");
        }
        LOG.warn("a schema change that would have stopped its replicas is refused", failure);
        return DefinitionResult.refused(
                "storage can't execute the schema change: " + failure.getMessage() + "; nothing was changed");
    }

    private static DefinitionResult overLimit(String message) {
        return new DefinitionResult(false, 0, message, "TC006", 0);
    }
}
