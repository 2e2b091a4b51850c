package io.tunabledb.engine.shard.log;

import io.tunabledb.engine.log.LogPosition;

/** An entry that a replica could not apply, so that it stopped; its message says which entry it was. */
public final class EntryFailedException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    private final int shard;
    private final transient LogPosition at;
    private final String entry;

    public EntryFailedException(int shard, LogPosition at, String entry, Throwable cause) {
        super(
                "entry " + at.index() + " of term " + at.term() + " of shard " + shard + ", " + entry
                        + ", can't be applied: " + cause,
                cause);
        this.shard = shard;
        this.at = at;
        this.entry = entry;
    }

    /** Its shard. */
    public int shard() {
        return shard;
    }

    /** Where it stands in the shard's log. */
    public LogPosition at() {
        return at;
    }

    /** What it is, in a few words. */
    public String entry() {
        return entry;
    }
}
