package io.tunabledb.engine.deadlock;

import io.tunabledb.engine.shard.held.LockOwner;
import io.tunabledb.engine.shard.held.LockWait;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The circles in a set of waits. A transaction's caller runs one statement at a time, and a statement waits for one row at a
 * time, so each transaction waits for one other at most: from any of them there is one way to go.
 */
final class Circles {

    private Circles() {}

    /** Each circle once, its waits in order: each one's blocker is the next one's waiter. */
    static List<List<LockWait>> in(Collection<LockWait> waits) {
        Map<LockOwner, LockWait> next = new HashMap<>();
        waits.forEach(wait -> next.put(wait.waiter().owner(), wait));
        List<List<LockWait>> circles = new ArrayList<>();
        Set<LockOwner> known = new HashSet<>();
        for (LockOwner start : next.keySet()) {
            List<LockWait> way = new ArrayList<>();
            Map<LockOwner, Integer> places = new HashMap<>();
            LockOwner at = start;
            while (next.containsKey(at) && known.add(at)) {
                places.put(at, way.size());
                LockWait wait = next.get(at);
                way.add(wait);
                at = wait.blocker().owner();
            }
            Integer back = places.get(at);
            if (back != null) {
                circles.add(List.copyOf(way.subList(back, way.size())));
            }
        }
        return circles;
    }

    /** Who gives way: the transaction that began last has done least. Every leader that sees this circle comes to the same. */
    static LockWait youngest(List<LockWait> circle) {
        return circle.stream()
                .reduce((a, b) -> a.waiter().owner().compareTo(b.waiter().owner()) >= 0 ? a : b)
                .orElseThrow();
    }

    /** Tells the caller of the one that gives way what happened. */
    static String text(List<LockWait> circle, LockWait gaveWay) {
        return "it ended a deadlock of " + circle.size() + " transactions, of which it had begun last: "
                + circle.stream()
                        .map(wait -> name(wait.waiter(), gaveWay) + " waited in shard " + wait.shard()
                                + " for a row that " + name(wait.blocker(), gaveWay) + " had locked")
                        .collect(Collectors.joining(", "));
    }

    private static String name(LockWait.Party party, LockWait gaveWay) {
        LockOwner owner = party.owner();
        return owner.equals(gaveWay.waiter().owner()) ? "it" : "session " + Long.toHexString(owner.session());
    }
}
