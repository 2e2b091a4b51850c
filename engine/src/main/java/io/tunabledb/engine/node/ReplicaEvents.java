package io.tunabledb.engine.node;

import io.tunabledb.engine.cut.Releases;
import io.tunabledb.engine.h2.catalog.SystemSchema;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.ReplicaListener;
import io.tunabledb.engine.shard.log.Decisions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the replicas of this process tell and ask: the newest catalog is here, and released cuts and applied entries pass. */
final class ReplicaEvents implements ReplicaListener {
    /** The shard whose log says which catalog is newer. */
    private static final int FIRST = 0;

    private final int shards;
    private final Nodes.ApplyWatch watch;
    private final Releases releases;
    private final Around around;
    /** Written under this object's monitor, which is never held for long: the logs' threads come here. */
    private volatile Catalog catalog = Catalog.EMPTY;

    /**
     * What is around a replica.
     *
     * @param decisions the way to the leaders of other shards
     * @param skipped the entries that are not to be applied
     * @param executor where work goes that must not hold up the apply thread
     */
    record Around(
            SystemSchema systemSchema, Decisions decisions, Supplier<List<SkippedEntry>> skipped, Executor executor) {}

    ReplicaEvents(int shards, Nodes.ApplyWatch watch, Releases releases, Around around) {
        this.shards = shards;
        this.watch = watch;
        this.releases = releases;
        this.around = around;
    }

    /** The newest that any replica has told. */
    Catalog catalog() {
        return catalog;
    }

    @Override
    public void catalogChanged(Replica replica, long index, Map<String, String> settings) {
        // every shard has the same catalog
        if (replica.shard() != FIRST || (index <= catalog.version() && index != 0)) {
            return;
        }
        synchronized (this) {
            if (index > catalog.version()) {
                catalog = Catalog.of(index, settings, shards);
            }
        }
    }

    @Override
    public void applied(Replica replica, long index) {
        watch.applied(replica.node(), replica.shard(), index);
    }

    @Override
    public void released(Replica replica, long cut) {
        releases.raise(replica.node(), cut);
    }

    @Override
    public @Nullable String leftOut(int shard, long index) {
        List<SkippedEntry> skipped = around.skipped.get();
        for (int i = 0; i < skipped.size(); i++) {
            SkippedEntry entry = skipped.get(i);
            if (entry.name().index() == index && entry.name().shard() == shard) {
                return entry.reason();
            }
        }
        return null;
    }

    @Override
    public SystemSchema systemSchema() {
        return around.systemSchema;
    }

    @Override
    public Decisions decisions() {
        return around.decisions;
    }

    @Override
    public Executor executor() {
        return around.executor;
    }
}
