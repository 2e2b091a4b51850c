package io.tunabledb.engine.h2.gather.plan;

import java.util.List;
import org.h2.value.TypeInfo;

/**
 * What partial results look like.
 *
 * @param columns the types of what the shards give; empty when they give rows
 * @param keys which of these columns tell the groups apart
 * @param averages columns that are worked out from them, and come after them
 */
public record PartialTypes(List<TypeInfo> columns, List<Integer> keys, List<Average> averages) {
    public static final PartialTypes NONE = new PartialTypes(List.of(), List.of(), List.of());

    /** An average over a group, of that type: the sum of one column, divided by that of another as storage does it. */
    public record Average(int sum, int count, TypeInfo type) {}

    public PartialTypes {
        columns = List.copyOf(columns);
        keys = List.copyOf(keys);
        averages = List.copyOf(averages);
    }

    public boolean isEmpty() {
        return columns.isEmpty();
    }
}
