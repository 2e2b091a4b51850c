package io.tunabledb.engine.peer;

import io.tunabledb.engine.h2.ddl.change.SchemaChangeResult;
import io.tunabledb.engine.message.SchemaMessage.Preflight;
import io.tunabledb.engine.message.SchemaMessage.Trial;
import io.tunabledb.engine.message.SchemaMessage.TryOut;
import io.tunabledb.engine.plan.Catalog;
import java.sql.SQLException;

/** A leader's trials of schema changes, on the caller's thread: they take what they take. */
final class Trials {

    private Trials() {}

    static Trial preflight(Member here, Preflight asked) throws SQLException {
        int shards = here.replicas().size();
        SchemaChangeResult refusal = here.replica(0)
                .storage()
                .trying()
                .preflight(asked.change(), asked.within(), settings -> Catalog.of(0, settings, shards));
        return refusal == null ? new Trial.Passed() : new Trial.Failed(refusal);
    }

    static Trial tryOut(Member here, TryOut asked) throws SQLException {
        SchemaChangeResult result = here.replica(asked.shard())
                .storage()
                .trying()
                .tryDefinition(asked.change(), asked.maxRows(), asked.within());
        if (result == null) {
            return new Trial.TooManyRows();
        }
        return result.ok() ? new Trial.Passed() : new Trial.Failed(result);
    }
}
