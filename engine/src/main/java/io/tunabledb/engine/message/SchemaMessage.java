package io.tunabledb.engine.message;

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
}
