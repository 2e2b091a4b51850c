package io.tunabledb.engine.h2.sharding;

import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** Who says in which shard the row of a shard key belongs; storage only asks. */
@FunctionalInterface
public interface KeyPlacement {

    /**
     * The shard of each key of a table. The function is given the value as it is stored: a Long, BigDecimal, String,
     * Boolean, LocalDate, UUID or byte[]; it answers -1 when it can't tell.
     *
     * @param type the shard key's type, as its setting has it after the column
     * @param buckets the setting {@code buckets}, null when there is none
     */
    ToIntFunction<Object> of(String type, @Nullable String buckets);
}
