package io.tunabledb.guarantees;

/**
 * One read or write of a register as a client saw it; times are {@code System.nanoTime()}.
 *
 * @param returned when it was acknowledged; {@link #NEVER} for a write whose outcome is not known, which may take effect
 *     at any time after {@code invoked}, or never
 */
record Operation(int client, int key, boolean isWrite, long value, long invoked, long returned) {
    static final long NEVER = Long.MAX_VALUE;

    static Operation read(int client, int key, long value, long invoked, long returned) {
        return new Operation(client, key, false, value, invoked, returned);
    }

    static Operation write(int client, int key, long value, long invoked, long returned) {
        return new Operation(client, key, true, value, invoked, returned);
    }

    boolean isKnown() {
        return returned != NEVER;
    }

    @Override
    public String toString() {
        return "client " + client + (isWrite ? " writes " : " reads ") + value + " of key " + key + " from " + invoked
                + " to " + (isKnown() ? String.valueOf(returned) : "?");
    }
}
