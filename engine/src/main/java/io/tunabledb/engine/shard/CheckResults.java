package io.tunabledb.engine.shard;

import io.tunabledb.engine.h2.Pin;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The hashes this replica computed for recent checks, by the check's id. Bounded: a check nobody fetches is dropped. */
final class CheckResults {
    private static final int KEPT = 32;

    private final Map<Long, CompletableFuture<String>> results = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, CompletableFuture<String>> eldest) {
            return size() > KEPT;
        }
    };

    CompletableFuture<String> of(long id) {
        synchronized (results) {
            return results.computeIfAbsent(id, any -> new CompletableFuture<>());
        }
    }

    /** One table's hash is itself; several become one, in order of their names. */
    private static String combined(Map<String, String> hashes) throws NoSuchAlgorithmException {
        if (hashes.size() == 1) {
            return hashes.values().iterator().next();
        }
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        new TreeMap<>(hashes)
                .forEach((name, hash) -> digest.update((name + '=' + hash + '\n').getBytes(StandardCharsets.UTF_8)));
        return HexFormat.of().formatHex(digest.digest(), 0, 16);
    }

    /** There is no hash of it here. */
    void failed(long id, Exception why) {
        of(id).completeExceptionally(why);
    }

    /** Hashes a pinned state in the background. */
    void start(long id, Pin pin, @Nullable String schema, @Nullable String table, Executor executor) {
        CompletableFuture<String> result = of(id);
        executor.execute(() -> {
            try (pin) {
                result.complete(combined(pin.hashes(schema, table)));
            } catch (NoSuchAlgorithmException | RuntimeException | Error e) {
                result.completeExceptionally(e);
            }
        });
    }
}
