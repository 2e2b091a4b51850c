package io.tunabledb.consistency;

import java.util.List;
import java.util.stream.Collectors;

/** Rungs in order of preference, at least one. The last one failing is the statement's error. */
public record Ladder(List<Rung> rungs) {

    public Ladder {
        rungs = List.copyOf(rungs);
        if (rungs.isEmpty()) {
            throw new IllegalArgumentException("a ladder needs at least one rung");
        }
    }

    /** A ladder of one rung that asks for a level alone. */
    public static Ladder of(Level level) {
        return new Ladder(List.of(Rung.of(level)));
    }

    /** A ladder of one rung. */
    public static Ladder of(Rung rung) {
        return new Ladder(List.of(rung));
    }

    /** The rung that is wanted most. */
    public Rung first() {
        return rungs.get(0);
    }

    /** The ladder as it is written in SQL; parsing it gives an equal ladder. */
    public String text() {
        return rungs.stream().map(Rung::text).collect(Collectors.joining(" ELSE "));
    }

    @Override
    public String toString() {
        return text();
    }
}
