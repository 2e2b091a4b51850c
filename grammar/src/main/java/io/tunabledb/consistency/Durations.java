package io.tunabledb.consistency;

import java.time.Duration;

/** Durations as the SQL clause writes them: {@code 200 MS}, {@code 5 SECONDS}, {@code 2 MINUTES}. */
public final class Durations {

    private Durations() {}

    /** The duration in the largest unit that keeps it whole; milliseconds are the finest. */
    public static String text(Duration duration) {
        long millis = duration.toMillis();
        if (millis == 0 || millis % 1_000 != 0) {
            return millis + " MS";
        }
        return millis % 60_000 == 0 ? millis / 60_000 + " MINUTES" : millis / 1_000 + " SECONDS";
    }
}
