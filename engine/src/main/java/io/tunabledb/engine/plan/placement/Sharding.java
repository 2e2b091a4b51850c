package io.tunabledb.engine.plan.placement;

/** Where the rows of a table are. */
public sealed interface Sharding {

    /** What a table says nothing of: all its rows are in shard 0. */
    Sharding SINGLE = new Single();

    /** Every row is in every shard. */
    Sharding REFERENCE = new Reference();

    /** How the setting keeps it. */
    String text();

    /** All rows are in shard 0. */
    record Single() implements Sharding {
        @Override
        public String text() {
            return "SINGLE";
        }
    }

    /** Every shard has all rows. */
    record Reference() implements Sharding {
        @Override
        public String text() {
            return "REFERENCE";
        }
    }

    /**
     * A row is in the shard of the bucket its key falls into.
     *
     * @param column the shard key, as storage spells it
     * @param type its type
     */
    record By(String column, KeyType type) implements Sharding {
        private static final String START = "BY ";

        @Override
        public String text() {
            return START + column + " " + type.text();
        }
    }

    /**
     * Reads what {@link #text} wrote.
     *
     * @throws IllegalArgumentException when it is no such text
     */
    static Sharding parse(String text) {
        if (text.equals("REFERENCE")) {
            return REFERENCE;
        }
        if (text.equals("SINGLE")) {
            return SINGLE;
        }
        // a column's name may have spaces, a type has none
        int end = text.lastIndexOf(' ');
        if (!text.startsWith(By.START) || end < By.START.length()) {
            throw new IllegalArgumentException("no sharding: " + text);
        }
        return new By(text.substring(By.START.length(), end), KeyType.parse(text.substring(end + 1)));
    }
}
