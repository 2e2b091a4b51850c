package io.tunabledb.jdbc.pool;

/**
 * Asks HikariCP to tell connections when a borrower comes and goes, as JDBC 4.3 means it ({@code beginRequest},
 * {@code endRequest}): without that, what one borrower SET would be there for the next. HikariCP knows this only as a
 * property of the JVM, read when a pool is made, which is after it loaded its driver. To drivers that take no notice the
 * calls do nothing. A value that the user has set stays.
 */
public final class RequestBoundaries {
    private static final String HIKARI = "com.zaxxer.hikari.enableRequestBoundaries";

    private RequestBoundaries() {}

    public static void ask() {
        try {
            if (System.getProperty(HIKARI) == null) {
                System.setProperty(HIKARI, "true");
            }
        } catch (SecurityException e) {
            // then the user's policy decides, and the README says what to set
            return;
        }
    }
}
