package io.tunabledb.engine.h2.sharding;

/** A definition that can't be carried out over shards; found on a trial copy, before anything was changed. */
public final class ShardRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String refusal;

    public ShardRefusedException(String refusal) {
        super(refusal);
        this.refusal = refusal;
    }

    public String refusal() {
        return refusal;
    }
}
