package io.tunabledb.engine.shard.log;

/**
 * A transaction's id, unique for ever: the session that wrote it and its running number there. A client that repeats what
 * it proposed repeats the id too, so that it is applied once.
 */
public record TransactionId(long session, long number) {}
