package io.tunabledb.engine.h2;

import io.tunabledb.engine.h2.catalog.RejectedWrite;
import io.tunabledb.engine.h2.internals.SessionLock;
import java.sql.SQLException;
import org.h2.engine.SessionLocal;
import org.jspecify.annotations.Nullable;

/** What a transaction writes in the engine's own tables: they are replicated with its rows. By the writer's owner. */
public final class OwnWrites {
    private final Storage storage;
    private final SessionLocal session;

    OwnWrites(Storage storage, SessionLocal session) {
        this.storage = storage;
        this.session = session;
    }

    /**
     * Locks the mark of an outbox until the transaction ends. Call it before anything else: whoever carries out the same
     * outbox waits here.
     *
     * @return the last number of that incarnation that was carried out; 0 before the first
     * @throws SQLException another holds it longer than the lock timeout
     */
    public long lockOutboxMark(long incarnation) throws SQLException {
        return SessionLock.under(session, () -> storage.outboxes().lockMark(session, incarnation));
    }

    /** Everything in that outbox up to {@code number} is carried out with this transaction. */
    public void raiseOutboxMark(int node, long incarnation, long number) throws SQLException {
        SessionLock.under(session, () -> {
            storage.outboxes().raiseMark(session, node, incarnation, number);
            return true;
        });
    }

    /** Keeps a weak write that failed; its id is ignored, it gets the next one. */
    public void reject(RejectedWrite write) throws SQLException {
        SessionLock.under(session, () -> {
            storage.outboxes().reject(session, write);
            return true;
        });
    }

    /** Takes a rejected write out. Null when there is none of that id. */
    public byte @Nullable [] takeRejected(long id) throws SQLException {
        return SessionLock.under(session, () -> storage.outboxes().take(session, id));
    }

    /**
     * Keeps what another shard sends of a table that is to be moved.
     *
     * @param chunk what {@link Departures} gave; {@code number} is new with each
     */
    public void arrive(long number, byte[] chunk) throws SQLException {
        SessionLock.under(session, () -> {
            storage.arrived().add(session, number, chunk);
            return true;
        });
    }
}
