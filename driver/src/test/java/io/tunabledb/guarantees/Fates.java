package io.tunabledb.guarantees;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What callers who gave up, or did not, were told of what they asked, and how many of its rows were there whenever somebody looked
 * at LINEARIZABLE afterwards. Whoever was told that nobody knows knows from the first look on.
 */
final class Fates {

    /** What a caller was told. */
    enum Told {
        /** It took effect. */
        DONE,
        /** It took none, and never will. */
        NOTHING,
        /** Nobody knows. */
        UNKNOWN
    }

    private static final class Fate {
        private final String story;
        private final int rows;
        private final Told told;
        private final List<Integer> seen = new ArrayList<>();

        private Fate(String story, int rows, Told told) {
            this.story = story;
            this.rows = rows;
            this.told = told;
        }

        /** How many of its rows must be there; null while nobody has looked who had to be told. */
        private Integer expected() {
            return switch (told) {
                case DONE -> rows;
                case NOTHING -> 0;
                case UNKNOWN -> seen.isEmpty() ? null : seen.get(0);
            };
        }

        private boolean isBroken() {
            return seen.stream().anyMatch(found -> (found != 0 && found != rows) || !found.equals(expected()));
        }
    }

    private final Map<Long, Fate> fates = new TreeMap<>();

    /** The caller of {@code operation}, which was to make {@code rows} rows, has been told. */
    synchronized void told(long operation, String story, int rows, Told told) {
        fates.put(operation, new Fate(story, rows, told));
    }

    /** Somebody who began to look after that has found so many of its rows. */
    synchronized void seen(long operation, int found) {
        fates.get(operation).seen.add(found);
    }

    /** Whether its caller has been told. */
    synchronized boolean isTold(long operation) {
        return fates.containsKey(operation);
    }

    synchronized List<Long> operations() {
        return List.copyOf(fates.keySet());
    }

    synchronized long count(Told told) {
        return fates.values().stream().filter(fate -> fate.told == told).count();
    }

    /** How many have taken effect whose story contains {@code word}, as far as is known. */
    synchronized long effective(String word) {
        return fates.values().stream()
                .filter(fate -> fate.story.contains(word) && fate.expected() != null && fate.expected() > 0)
                .count();
    }

    /** Where a promise was broken, one line each. */
    synchronized List<String> broken() {
        List<String> lines = new ArrayList<>();
        fates.forEach((operation, fate) -> {
            if (fate.isBroken()) {
                lines.add(operation + ", " + fate.story + ": told " + fate.told + ", then " + fate.seen + " of "
                        + fate.rows + " rows");
            }
        });
        return lines;
    }
}
