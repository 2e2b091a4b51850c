package io.tunabledb.engine.shard.apply;

import io.tunabledb.engine.h2.Definer;
import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.ddl.change.SchemaChangeBlockedException;
import io.tunabledb.engine.h2.ddl.change.SchemaChangeResult;
import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.shard.held.ActiveSchemaChange;
import io.tunabledb.engine.shard.held.ActiveTransactions;
import io.tunabledb.engine.shard.life.CurrentStorage;
import io.tunabledb.engine.shard.log.Entry;
import io.tunabledb.engine.shard.log.Outcome;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Applies schema changes, while no query runs that they concern. */
public final class DefinitionHandler {
    private static final Logger LOG = LoggerFactory.getLogger(DefinitionHandler.class);

    private final CurrentStorage storage;
    private final EntryRows rows;
    private final ActiveTransactions activeTransactions;
    private final LockPause locks;
    private final Readers readers;
    private final ReplicaCatalog catalog;

    public DefinitionHandler(
            CurrentStorage storage,
            EntryRows rows,
            ActiveTransactions activeTransactions,
            LockPause locks,
            Readers readers,
            ReplicaCatalog catalog) {
        this.storage = storage;
        this.rows = rows;
        this.activeTransactions = activeTransactions;
        this.locks = locks;
        this.readers = readers;
        this.catalog = catalog;
    }

    /** False when it was void or done already: then the entry has no row in the ledger. */
    boolean define(LogPosition at, Entry.Define define, @Nullable ActiveSchemaChange held) {
        if (rows.areVoid(at, define.term(), held) || isLate(at, define, held) || isDone(at, define, held)) {
            return false;
        }
        LedgerRow row = new LedgerRow(at.term(), at.index(), define.session(), define.number(), new byte[0]);
        SchemaChange definition = new SchemaChange(define.schema(), define.sql(), define.settings());
        boolean isForReaders = definition.concernsReaders();
        if (isForReaders) {
            readers.closeForDefinition();
        }
        try {
            SchemaChangeResult result = define(row, definition, held == null ? null : held.take());
            if (held != null) {
                held.finish(outcome(result));
            }
            // before the first read: a statement that was planned for the settings of before must notice
            catalog.publish(at.index());
        } finally {
            if (isForReaders) {
                readers.open();
            }
            if (held != null) {
                activeTransactions.end(held);
                held.end();
            }
        }
        return true;
    }

    private boolean isLate(LogPosition at, Entry.Define define, @Nullable ActiveSchemaChange held) {
        if (!SchemaChange.isOfEarlierTurn(define.settings(), catalog.settings())) {
            return false;
        }
        rows.rollBack(at, held, "another schema change has had its turn meanwhile");
        return true;
    }

    /** A session that finishes another's schema change begins it again, while the first try may still be on its way. */
    private boolean isDone(LogPosition at, Entry.Define define, @Nullable ActiveSchemaChange held) {
        if (!storage.get().hasAnswered(define.session(), define.number())) {
            return false;
        }
        rows.rollBack(at, held, "the schema change is done already");
        return true;
    }

    /**
     * @param holder has the locks, on the leader; null on the others
     */
    private SchemaChangeResult define(LedgerRow row, SchemaChange definition, @Nullable Definer holder) {
        try {
            return holder != null
                    ? holder.define(row, definition, DefinitionHandler::encode)
                    : storage.get().define(row, definition, DefinitionHandler::encode);
        } catch (SchemaChangeBlockedException e) {
            // held work of this same term may stand in the way when this replica leads but no longer holds the
            // definition's locks, or when it moves rows that a session has locked without their table; nothing else can
            LOG.warn(
                    "{}: schema change was blocked, rolling back open transactions",
                    storage.id().nodeName(),
                    e);
            AtomicReference<SchemaChangeResult> result = new AtomicReference<>();
            locks.hold(
                    "a schema change could wait no longer",
                    () -> result.set(storage.get().define(row, definition, DefinitionHandler::encode)));
            return Objects.requireNonNull(result.get());
        }
    }

    static Outcome outcome(SchemaChangeResult result) {
        return result.ok()
                ? Outcome.count(result.updateCount())
                : Outcome.failed(new Outcome.Failure(result.sqlState(), result.errorCode(), result.message()));
    }

    private static byte[] encode(SchemaChangeResult result) {
        return outcome(result).encode();
    }
}
