package io.tunabledb.engine.h2.gather;

import io.tunabledb.engine.h2.Storage;
import io.tunabledb.engine.h2.gather.plan.GatherPlan;
import io.tunabledb.engine.h2.gather.plan.GatherPlanner;
import io.tunabledb.engine.h2.row.TemporaryTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs statements over rows of several shards: rows are fetched from the shards, put into a private in-memory database
 * that has the shards' schema, and the statement runs there as it is, so every statement H2 knows gives what it would give
 * on one shard. Private databases are kept and used again. Any thread.
 */
@SuppressWarnings(
        "ReferenceEquality") // a schema is compared once, when it may have changed, and is one object from then on
public final class Gathering implements AutoCloseable {
    private static final int KEPT_PLANS = 512;

    /** Brings a fresh connection to the settings of the session it is for. */
    @FunctionalInterface
    public interface Setup {
        void apply(Connection connection) throws SQLException;
    }

    private record PlanKey(
            GatherSchema schema,
            List<TemporaryTable> temporary,
            String currentSchema,
            String sql,
            Set<String> together) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof PlanKey that
                    && schema == that.schema
                    && temporary.equals(that.temporary)
                    && currentSchema.equals(that.currentSchema)
                    && sql.equals(that.sql)
                    && together.equals(that.together);
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(schema) + 31 * (currentSchema.hashCode() + 31 * sql.hashCode());
        }
    }

    private final int maxIdle;
    private final Deque<PrivateDatabase> idle = new ArrayDeque<>();
    private final Map<PlanKey, GatherPlan> plans = new LinkedHashMap<>(16, 0.75f, true);
    private @Nullable Storage source;
    private long sourceVersion;
    private @Nullable GatherSchema schema;
    private boolean closed;

    /**
     * @param maxIdle how many private databases are kept for the next statement; each takes about a megabyte besides its
     *     tables' definitions. There are as many in use as statements are gathered at one time.
     */
    public Gathering(int maxIdle) {
        this.maxIdle = maxIdle;
    }

    /**
     * A private database for one statement. Close it to hand it back.
     *
     * @param storage any shard's; no definition may run in it until this returns
     * @param owner who asks. What equals the owner of an earlier call has the same settings, and has its connection back
     * @param temporary the owner's local temporary tables, which are there too, empty, unless one has a shard's table's name
     * @param setup makes the owner's settings: schema, time zone, variables
     */
    public Gathered acquire(Storage storage, Object owner, List<TemporaryTable> temporary, Setup setup)
            throws SQLException {
        PrivateDatabase.Owner whose = new PrivateDatabase.Owner(owner, temporary);
        PrivateDatabase database = take(storage, whose);
        boolean complete = false;
        try {
            database.giveTo(whose, setup);
            complete = true;
            return new Gathered(this, database);
        } finally {
            if (!complete) {
                database.close();
            }
        }
    }

    private PrivateDatabase take(Storage storage, PrivateDatabase.Owner owner) throws SQLException {
        GatherSchema current;
        List<PrivateDatabase> stale = new ArrayList<>();
        PrivateDatabase found = null;
        synchronized (this) {
            if (closed) {
                throw new SQLException("the database is closed", "08003");
            }
            current = schemaOf(storage, stale);
            for (Iterator<PrivateDatabase> each = idle.iterator(); each.hasNext() && found == null; ) {
                PrivateDatabase candidate = each.next();
                if (candidate.isOf(owner)) {
                    found = candidate;
                    each.remove();
                }
            }
            if (found == null) {
                found = idle.pollFirst();
            }
        }
        stale.forEach(PrivateDatabase::close);
        return found == null ? new PrivateDatabase(current) : found;
    }

    /** The schema, the same object as long as it is the same. Under this object's lock. */
    private GatherSchema schemaOf(Storage storage, List<PrivateDatabase> stale) {
        long version = storage.database().getModificationMetaId();
        GatherSchema last = schema;
        if (last != null && source == storage && sourceVersion == version) {
            return last;
        }
        GatherSchema current = GatherSchema.of(storage);
        source = storage;
        sourceVersion = version;
        if (last != null && current.equals(last)) {
            return last;
        }
        schema = current;
        plans.clear();
        stale.addAll(idle);
        idle.clear();
        return current;
    }

    void release(PrivateDatabase database) {
        synchronized (this) {
            if (!closed && database.schema() == schema && idle.size() < maxIdle) {
                idle.addFirst(database);
                return;
            }
        }
        database.close();
    }

    GatherPlan plan(PrivateDatabase database, String sql, Set<String> together) throws SQLException {
        PlanKey key = new PlanKey(
                database.schema(), database.temporary(), database.session().getCurrentSchemaName(), sql, together);
        synchronized (this) {
            GatherPlan known = plans.get(key);
            if (known != null) {
                return known;
            }
        }
        GatherPlan plan = new GatherPlanner(database.session(), sql, together).plan();
        synchronized (this) {
            if (key.schema() == schema) {
                plans.put(key, plan);
                if (plans.size() > KEPT_PLANS) {
                    plans.remove(plans.keySet().iterator().next());
                }
            }
        }
        return plan;
    }

    /** Closes all private databases that are not in use; the others close when they are handed back. */
    @Override
    public void close() {
        List<PrivateDatabase> all;
        synchronized (this) {
            closed = true;
            all = new ArrayList<>(idle);
            idle.clear();
            plans.clear();
        }
        all.forEach(PrivateDatabase::close);
    }
}
