package io.tunabledb.engine.shard.held;

/**
 * A transaction's wait for a row that another one has locked, as one shard's leader saw it at a moment. Two that are equal,
 * seen one after the other, are one and the same wait, but for what the blocker may have let go of in between.
 */
public record LockWait(int shard, Party waiter, Party blocker) {

    /**
     * A transaction's part in the shard.
     *
     * @param held its number at the leader
     * @param statement how many statements it has begun: while that stays the same it lets go of nothing
     */
    public record Party(LockOwner owner, long held, long statement) {}
}
