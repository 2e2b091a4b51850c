package io.tunabledb.engine.h2;

/** A definition that can't be carried out over shards; found on a trial copy, before anything was changed. */
final class ShardRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String refusal;

    ShardRefusedException(String refusal) {
        super(refusal);
        this.refusal = refusal;
    }

    String refusal() {
        return refusal;
    }
}
