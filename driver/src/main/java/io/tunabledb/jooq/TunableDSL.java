package io.tunabledb.jooq;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Receipt;
import io.tunabledb.consistency.Rung;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jooq.DSLContext;
import org.jooq.ExecuteListenerProvider;
import org.jspecify.annotations.Nullable;

/**
 * jOOQ at a consistency level: {@code TunableDSL.using(ctx).with(LINEARIZABLE).selectFrom(ACCOUNT).fetch()}. What
 * {@code with} returns is a plain {@link DSLContext}; everything it executes, of any query type, in batches and in
 * transactions, asks for the level by a hint, as if it stood in its SQL. The context it was made from stays as it is.
 * Immutable.
 */
public final class TunableDSL {
    private final DSLContext context;
    private final @Nullable Consumer<Receipt> receipts;

    private TunableDSL(DSLContext context, @Nullable Consumer<Receipt> receipts) {
        this.context = context;
        this.receipts = receipts;
    }

    /** Starts from a context that has a connection or data source of this database. */
    public static TunableDSL using(DSLContext context) {
        return new TunableDSL(context, null);
    }

    /**
     * Who is told what each statement got, on the thread that executed it and before its result is returned; of a batch,
     * what its last element got. Statements that fail have no receipt.
     */
    public TunableDSL receipts(Consumer<Receipt> consumer) {
        return new TunableDSL(context, consumer);
    }

    /** A context whose statements ask for {@code level}; of BOUNDED_STALENESS see {@link #bounded}. */
    public DSLContext with(Level level) {
        return with(Ladder.of(level));
    }

    /** A context whose reads are at most so old. */
    public DSLContext bounded(Duration maxStaleness) {
        return with(Rung.bounded(maxStaleness));
    }

    /** A context whose statements ask for the first of these rungs that can be met. */
    public DSLContext with(Rung first, Rung... otherwise) {
        return with(new Ladder(
                Stream.concat(Stream.of(first), Arrays.stream(otherwise)).collect(Collectors.toList())));
    }

    /** A context whose statements ask for {@code ladder}. */
    public DSLContext with(Ladder ladder) {
        return derive(new HintListener(ladder, receipts));
    }

    /** A context whose statements ask for nothing themselves, so that the session, table or URL decides. */
    public DSLContext withDefault() {
        return derive(new HintListener(null, receipts));
    }

    /** An earlier level gives way to this one: a statement asks once. */
    private DSLContext derive(HintListener listener) {
        List<ExecuteListenerProvider> providers = Stream.concat(
                        Arrays.stream(context.configuration().executeListenerProviders())
                                .filter(provider -> !(provider instanceof HintListener)),
                        Stream.of(listener))
                .toList();
        return context.configuration()
                .derive(providers.toArray(ExecuteListenerProvider[]::new))
                .dsl();
    }
}
