package io.tunabledb.engine.shard.apply;

import io.tunabledb.engine.h2.internals.Stacks;
import io.tunabledb.engine.h2.snapshot.Pin;
import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.shard.check.CheckResults;
import io.tunabledb.engine.shard.held.ActiveSchemaChange;
import io.tunabledb.engine.shard.held.ActiveTransaction;
import io.tunabledb.engine.shard.life.CurrentStorage;
import io.tunabledb.engine.shard.log.Entry;
import io.tunabledb.engine.shard.log.EntryHandlers;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has each kind of entry applied by the handler it belongs to. On the log's thread, one entry after the other. */
public final class Applier implements EntryHandlers {
    private static final Logger LOG = LoggerFactory.getLogger(Applier.class);

    private final CurrentStorage storage;
    private final TransactionHandler transactions;
    private final DefinitionHandler definitions;
    private final CutHandler cuts;
    private final CheckResults checks;
    private final Executor executor;

    public Applier(
            CurrentStorage storage,
            TransactionHandler transactions,
            DefinitionHandler definitions,
            CutHandler cuts,
            CheckResults checks,
            Executor executor) {
        this.storage = storage;
        this.transactions = transactions;
        this.definitions = definitions;
        this.cuts = cuts;
        this.checks = checks;
        this.executor = executor;
    }

    private static @Nullable ActiveTransaction transaction(@Nullable Object held) {
        return held instanceof ActiveTransaction transaction ? transaction : null;
    }

    @Override
    public boolean write(LogPosition at, Entry.Write entry, @Nullable Object held) {
        return transactions.write(at, entry, transaction(held));
    }

    @Override
    public boolean define(LogPosition at, Entry.Define entry, @Nullable Object held) {
        ActiveSchemaChange own = held instanceof ActiveSchemaChange change ? change : null;
        return Stacks.deep(() -> definitions.define(at, entry, own));
    }

    @Override
    public boolean prepare(LogPosition at, Entry.Prepare entry, @Nullable Object held) {
        transactions.prepare(at, entry, transaction(held));
        return false;
    }

    @Override
    public boolean decide(LogPosition at, Entry.Decide entry, @Nullable Object held) {
        return transactions.decide(at, entry, transaction(held));
    }

    @Override
    public boolean finish(LogPosition at, Entry.Finish entry) {
        return transactions.finish(at, entry);
    }

    @Override
    public boolean forget(LogPosition at, Entry.Forget entry) {
        transactions.forget(at, entry);
        return false;
    }

    @Override
    public boolean start(LogPosition at, Entry.Start entry) {
        cuts.start(at, entry);
        return false;
    }

    @Override
    public boolean cancel(LogPosition at, Entry.Cancel entry) {
        cuts.cancel(at, entry);
        return false;
    }

    @Override
    public boolean close(LogPosition at, Entry.Close entry) {
        cuts.close(at, entry);
        return false;
    }

    @Override
    public boolean check(LogPosition at, Entry.Check check) {
        storage.get().advance(at.term(), at.index());
        Pin pin;
        try {
            pin = storage.get().pin();
        } catch (SQLException e) {
            // too many checks at a time: no reason to stop a replica
            LOG.warn("{}: check {} can't be carried out here", storage.id().nodeName(), check.id(), e);
            checks.failed(check.id(), e);
            return false;
        }
        Map<String, String> objects = storage.get().schemaObjects(check.schema(), check.table());
        checks.start(check, pin, objects, executor);
        return false;
    }
}
