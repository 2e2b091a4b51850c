package io.tunabledb.engine.shard.log;

import io.tunabledb.engine.h2.Storage;
import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.log.LogPosition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An entry that is not applied, on any replica, because no majority could and the operator decided so. A session that asks for its outcome
 * is told: it failed. Else a schema change that is under way would be begun once more, and stop the replicas again.
 */
public final class LeftOut {
    private static final Logger LOG = LoggerFactory.getLogger(LeftOut.class);
    private static final int NAMED_CHARS = 200;

    private LeftOut() {}

    /** Lets an entry go by; {@code reason} is the same on every replica. */
    public static void goBy(Storage storage, LogPosition at, byte[] bytes, String reason) {
        LOG.warn("not applied: {}", reason);
        TransactionId transactionId = transactionId(bytes, at.term());
        if (transactionId == null || storage.hasAnswered(transactionId.session(), transactionId.number())) {
            storage.advance(at.term(), at.index());
            return;
        }
        Outcome failed = Outcome.failed(new Outcome.Failure("TC005", 0, reason));
        storage.committed()
                .answer(new LedgerRow(
                        at.term(), at.index(), transactionId.session(), transactionId.number(), failed.encode()));
    }

    /** Whose answer is in the ledger; an outbox asks by other means, and tries again. */
    private static @Nullable TransactionId transactionId(byte[] bytes, long term) {
        Entry entry;
        try {
            entry = Entry.decode(bytes);
        } catch (RuntimeException e) {
            LOG.debug("nor can it be read", e);
            return null;
        }
        if (entry instanceof Entry.Define define && define.term() == term) {
            return new TransactionId(define.session(), define.number());
        }
        return entry instanceof Entry.Write write && write.term() == term && !write.outbox()
                ? new TransactionId(write.session(), write.number())
                : null;
    }

    /** What an entry is, in a few words. */
    public static String describe(byte[] bytes) {
        try {
            Entry entry = Entry.decode(bytes);
            if (entry instanceof Entry.Define define) {
                return define.sql().isEmpty()
                        ? "the setting of "
                                + String.join(", ", define.settings().keySet())
                        : "the schema change '" + start(define.sql()) + "'";
            }
            String kind = entry.getClass().getSimpleName();
            return (entry instanceof Entry.Write ? "a transaction" : "of kind " + kind) + " of " + bytes.length
                    + " bytes";
        } catch (RuntimeException e) {
            return bytes.length + " bytes that this library can't read";
        }
    }

    private static String start(String sql) {
        return sql.length() <= NAMED_CHARS ? sql : sql.substring(0, NAMED_CHARS) + "\u2026";
    }
}
