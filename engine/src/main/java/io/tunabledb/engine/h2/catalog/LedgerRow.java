package io.tunabledb.engine.h2.catalog;

import io.tunabledb.engine.codec.ByteSink;
import io.tunabledb.engine.codec.ByteSource;

/**
 * What an entry leaves beside its rows: who wrote it and what was answered.
 *
 * @param term the term the entry was proposed in
 * @param index the entry's log index, from 1
 * @param session the session that waits for the answer; 0 when none does
 * @param number the session's number for this write; grows within a session
 * @param outcome the answer, opaque here
 */
@SuppressWarnings("ArrayRecordComponent") // carried and stored, never compared
public record LedgerRow(long term, long index, long session, long number, byte[] outcome) {
    private static final byte[] NOTHING = {};

    /** An entry that no session waits for. */
    public static LedgerRow unasked(long term, long index) {
        return new LedgerRow(term, index, 0, 0, NOTHING);
    }

    /** The same entry with its answer. */
    public LedgerRow withOutcome(byte[] answer) {
        return new LedgerRow(term, index, session, number, answer);
    }

    public void writeTo(ByteSink sink) {
        sink.putVarLong(term).putVarLong(index);
        sink.putVarLong(session).putVarLong(number).putBytes(outcome);
    }

    public static LedgerRow readFrom(ByteSource source) {
        return new LedgerRow(
                source.getVarLong(), source.getVarLong(), source.getVarLong(), source.getVarLong(), source.getBytes());
    }
}
