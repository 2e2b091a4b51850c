package io.tunabledb.engine.peer;

import io.tunabledb.engine.h2.sql.SqlErrors;
import io.tunabledb.engine.message.CheckMessage.Hashed;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.check.StateHash;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** A replica's word on what its state was at a check. */
final class Checks {

    private Checks() {}

    static CompletableFuture<Hashed> hashed(Replica replica, long id) {
        if (!replica.isAlive()) {
            return CompletableFuture.completedFuture(new Hashed.Stopped());
        }
        CompletableFuture<StateHash> found = replica.checkResult(id);
        return found.handle((state, failure) -> {
            if (failure == null) {
                return new Hashed.Is(state);
            }
            Throwable cause = failure instanceof CompletionException wrapped && wrapped.getCause() != null
                    ? wrapped.getCause()
                    : failure;
            return !replica.isAlive() || SqlErrors.isOfClosedStorage(SqlErrors.bare(cause))
                    ? new Hashed.Stopped()
                    : new Hashed.Failed(String.valueOf(cause.getMessage()));
        });
    }
}
