package io.tunabledb.hibernate;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Level;
import java.util.function.UnaryOperator;
import org.hibernate.resource.jdbc.spi.StatementInspector;

/**
 * Asks for a level by session: {@code
 * factory.withOptions().statementInspector(ConsistencyInspector.reads(EVENTUAL).forSession()).openSession()}. It goes
 * before what entities say; what a query asks for by its own hint goes before it. Immutable, so it may also be a
 * factory's.
 */
public final class ConsistencyInspector implements StatementInspector {
    private static final long serialVersionUID = 1;

    private final String ladder;
    private final boolean readsOnly;

    private ConsistencyInspector(Ladder ladder, boolean readsOnly) {
        this.ladder = ladder.text();
        this.readsOnly = readsOnly;
    }

    /** Reads ask for {@code level}, writes for what they would without it. */
    public static ConsistencyInspector reads(Level level) {
        return reads(Ladder.of(level));
    }

    /** Reads ask for {@code ladder}, writes for what they would without it. */
    public static ConsistencyInspector reads(Ladder ladder) {
        return new ConsistencyInspector(ladder, true);
    }

    /** Every statement asks for {@code ladder}. */
    public static ConsistencyInspector all(Ladder ladder) {
        return new ConsistencyInspector(ladder, false);
    }

    /** The same as what a session's builder takes. */
    public UnaryOperator<String> forSession() {
        return this::inspect;
    }

    @Override
    public String inspect(String sql) {
        return readsOnly && !HintComment.isRead(sql) ? sql : HintComment.ofSession(ladder, sql);
    }
}
