package io.tunabledb.engine.node;

import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.log.EntryFailedException;
import io.tunabledb.engine.url.EntryName;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** So many replicas of a shard stopped at one entry of its log that the others are no majority. */
final class UnappliableEntryException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient EntryFailedException failure;
    private final transient List<Integer> ahead;

    private UnappliableEntryException(String message, EntryFailedException failure, List<Integer> ahead) {
        super(message, failure);
        this.failure = failure;
        this.ahead = List.copyOf(ahead);
    }

    /** What stopped a shard; null when nothing has. */
    static @Nullable UnappliableEntryException in(List<Replica> replicas) {
        for (Replica replica : replicas) {
            if (replica.failure() instanceof EntryFailedException failure) {
                List<Integer> stopped = replicas.stream()
                        .filter(other -> other.failure() instanceof EntryFailedException same
                                && same.at().equals(failure.at()))
                        .map(Replica::node)
                        .toList();
                if (2 * (replicas.size() - stopped.size()) <= replicas.size()) {
                    return of(failure, stopped, replicas);
                }
            }
        }
        return null;
    }

    private static UnappliableEntryException of(
            EntryFailedException failure, List<Integer> stopped, List<Replica> replicas) {
        List<Integer> ahead = replicas.stream()
                .filter(replica -> !stopped.contains(replica.node())
                        && replica.applied() >= failure.at().index())
                .map(Replica::node)
                .toList();
        EntryName name = new EntryName(failure.shard(), failure.at().index());
        return new UnappliableEntryException(
                failure.getMessage() + ". That is so on " + nodes(stopped) + " of " + replicas.size()
                        + (ahead.isEmpty() ? "" : ", while " + nodes(ahead) + " has applied it")
                        + "; nothing was changed. If memory was short, give the JVM more and open the database again; if a"
                        + " newer version of this library wrote the entry, use that. Else the entry can be left out for"
                        + " good: open the database once with skipEntry=" + name + ". What it did is lost then"
                        + (ahead.isEmpty() ? "" : ", on " + nodes(ahead) + " too, which is rebuilt by the others,")
                        + " and later entries that build on it may fail like it",
                failure,
                ahead);
    }

    private static String nodes(List<Integer> nodes) {
        return nodes.stream().map(node -> "n" + node).collect(Collectors.joining(", "));
    }

    EntryFailedException failure() {
        return failure;
    }

    /** Who has applied it nevertheless. */
    List<Integer> ahead() {
        return ahead;
    }
}
