package io.tunabledb.engine.plan.placement;

import java.util.stream.Collectors;

/** What EXPLAIN CONSISTENCY says of a route. */
public final class Descriptions {

    private Descriptions() {}

    public static String of(ShardRoute route) {
        if (route instanceof ShardRoute.OneShard one) {
            return "runs in shard " + one.shard() + (one.isAny() ? ", as it would in any other" : "");
        }
        if (route instanceof ShardRoute.SameOnEach each) {
            return "runs as it is in each of shards " + each.shards();
        }
        if (route instanceof ShardRoute.Split split) {
            return split.parts().entrySet().stream()
                    .map(part -> part.getValue().rows().size() + " to shard " + part.getKey())
                    .collect(Collectors.joining(", ", "splits its rows: ", ""));
        }
        if (route instanceof ShardRoute.OnReference) {
            return "runs in shard 0; what it changes is copied to every shard";
        }
        return "gathers rows: "
                + ((ShardRoute.Gather) route)
                        .shards().entrySet().stream()
                                .map(table -> table.getKey() + " from shards " + table.getValue())
                                .collect(Collectors.joining(", "));
    }
}
