package io.tunabledb.engine.net;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Everything that is wrong with the network at one moment; immutable. */
record Faults(Set<Integer> isolated, Set<Link> cuts, Map<Link, Long> delaysNanos, Map<Integer, Long> slowNanos) {

    static final Faults NONE = new Faults(Set.of(), Set.of(), Map.of(), Map.of());

    /** One direction between two nodes. */
    record Link(int from, int to) {
        boolean touches(int node) {
            return from == node || to == node;
        }
    }

    boolean isEmpty() {
        return isolated.isEmpty() && cuts.isEmpty() && delaysNanos.isEmpty() && slowNanos.isEmpty();
    }

    /** A node always reaches itself. */
    boolean reaches(int from, int to) {
        return from == to || !(isolated.contains(from) || isolated.contains(to) || cuts.contains(new Link(from, to)));
    }

    long delayNanos(int from, int to) {
        if (from == to) {
            return 0;
        }
        return delaysNanos.getOrDefault(new Link(from, to), 0L)
                + slowNanos.getOrDefault(from, 0L)
                + slowNanos.getOrDefault(to, 0L);
    }

    Faults isolate(int node) {
        return new Faults(with(isolated, node), cuts, delaysNanos, slowNanos);
    }

    Faults cut(int from, int to) {
        return new Faults(isolated, with(cuts, new Link(from, to)), delaysNanos, slowNanos);
    }

    Faults delay(int from, int to, Duration delay) {
        return new Faults(isolated, cuts, with(delaysNanos, new Link(from, to), delay), slowNanos);
    }

    Faults slow(int node, Duration delay) {
        return new Faults(isolated, cuts, delaysNanos, with(slowNanos, node, delay));
    }

    Faults without(int node) {
        Predicate<Link> elsewhere = link -> !link.touches(node);
        return new Faults(
                isolated.stream().filter(n -> n != node).collect(Collectors.toUnmodifiableSet()),
                cuts.stream().filter(elsewhere).collect(Collectors.toUnmodifiableSet()),
                delaysNanos.entrySet().stream()
                        .filter(delay -> elsewhere.test(delay.getKey()))
                        .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue)),
                slowNanos.entrySet().stream()
                        .filter(slow -> slow.getKey() != node)
                        .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue)));
    }

    private static <T> Set<T> with(Set<T> set, T element) {
        Set<T> more = new HashSet<>(set);
        more.add(element);
        return Set.copyOf(more);
    }

    private static <K> Map<K, Long> with(Map<K, Long> map, K key, Duration delay) {
        Map<K, Long> more = new HashMap<>(map);
        if (delay.isZero()) {
            more.remove(key);
        } else {
            more.put(key, delay.toNanos());
        }
        return Map.copyOf(more);
    }
}
