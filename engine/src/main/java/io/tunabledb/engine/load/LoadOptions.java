package io.tunabledb.engine.load;

import java.time.Duration;
import java.util.Set;

/**
 * What the load is made of, and how long it must last.
 *
 * @param sources those that count; the load is the highest of them
 * @param capacity how many statements in flight at once are full load, at least 1
 * @param queueWait what mean wait of a statement is full load, positive
 * @param enter how long the load must stay above a threshold before it counts as passed
 * @param leave how long it must stay below before it counts as not passed any more
 * @param margin how far below the threshold it must stay for that, as a part of the threshold, in [0, 1)
 */
public record LoadOptions(
        Set<Source> sources, int capacity, Duration queueWait, Duration enter, Duration leave, double margin) {

    public LoadOptions {
        sources = Set.copyOf(sources);
    }

    /** A thing the load can be read from. */
    public enum Source {
        /** Statements being executed, as a part of the capacity. */
        IN_FLIGHT("inFlight"),
        /**
         * How long statements waited, as a part of the wait that is full load: reads for a replica that meets their level,
         * writes for their acknowledgement.
         */
        QUEUE_WAIT("queueWait"),
        /** This process's use of the machine's processors. */
        CPU("cpu");

        private final String key;

        Source(String key) {
            this.key = key;
        }

        /** Its name in the URL. */
        public String key() {
            return key;
        }
    }
}
