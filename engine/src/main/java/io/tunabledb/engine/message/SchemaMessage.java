package io.tunabledb.engine.message;

import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.ddl.change.SchemaChangeResult;
import java.time.Duration;

/** What schema changes ask of the first shard's leader, which has them come one after the other. */
public sealed interface SchemaMessage<A> extends Message<A> {

    /**
     * Asks for a turn. Answered with the term in which it is the owner's; asked again it stays in its place.
     *
     * @param owner a number that is nobody else's
     * @param isPatient whether it is answered when the turn has come; else it is answered at once, with 0 if another has it
     */
    record TakeTurn(long owner, boolean isPatient) implements SchemaMessage<Long> {}

    /** The owner's turn has ended, or it waits for it no longer. */
    record GiveBackTurn(long owner) implements SchemaMessage<Nothing> {}

    /** Whether it still is the owner's turn. */
    record HoldsTurn(long owner) implements SchemaMessage<Boolean> {}

    /**
     * Finds out at the first shard's leader whether a change would stop the replicas that execute it; changes nothing.
     *
     * @param within how long the trial may take
     */
    record Preflight(SchemaChange change, Duration within) implements SchemaMessage<Trial> {}

    /**
     * Finds out at a shard's leader whether a change would fail on its rows; changes nothing.
     *
     * @param maxRows how many rows may be copied for that
     * @param within how long the trial may take
     */
    record TryOut(int shard, SchemaChange change, long maxRows, Duration within) implements SchemaMessage<Trial> {}

    /** What a trial came to. */
    sealed interface Trial {
        /** As far as can be told, it may be carried out. */
        record Passed() implements Trial {}

        /** It fails, with this. */
        record Failed(SchemaChangeResult result) implements Trial {}

        /** There are more rows than may be copied. */
        record TooManyRows() implements Trial {}
    }
}
