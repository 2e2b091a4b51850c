package io.tunabledb.engine.shard.check;

import io.tunabledb.engine.h2.snapshot.Pin;
import io.tunabledb.engine.shard.log.Entry;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** The hashes this replica computed for recent checks, by the check's id. Bounded: a check whose result is not fetched is dropped. */
public final class CheckResults {
    private static final int KEPT = 32;

    private final Map<Long, CompletableFuture<StateHash>> results = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, CompletableFuture<StateHash>> eldest) {
            return size() > KEPT;
        }
    };

    public CompletableFuture<StateHash> of(long id) {
        synchronized (results) {
            return results.computeIfAbsent(id, any -> new CompletableFuture<>());
        }
    }

    /** There is no hash of it here. */
    public void failed(long id, Exception why) {
        of(id).completeExceptionally(why);
    }

    /**
     * Hashes a pinned state in the background.
     *
     * @param objects the schema at that moment, object by object
     */
    public void start(Entry.Check check, Pin pin, Map<String, String> objects, Executor executor) {
        CompletableFuture<StateHash> result = of(check.id());
        executor.execute(() -> {
            try (pin) {
                Map<String, String> parts = new TreeMap<>();
                objects.forEach((object, text) -> parts.put(object, StateHash.of(text)));
                pin.hashes(check.schema(), check.table())
                        .forEach((table, hash) -> parts.put(StateHash.ROWS + table, hash));
                result.complete(new StateHash(parts));
            } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
            }
        });
    }
}
