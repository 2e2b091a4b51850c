package io.tunabledb.consistency;

/**
 * Is told when a promise was not kept. Added to one database by {@code
 * connection.unwrap(TunableConnection.class).sla().addListener(…)}, or to all databases of the JVM as a {@link
 * java.util.ServiceLoader} service. Called by one thread of the database that does nothing else for statements: a slow
 * listener delays the next call, and when 1,000 calls wait, further ones are dropped and counted.
 */
@FunctionalInterface
public interface ConsistencyListener {

    /** A promise was not kept. What this throws is logged. */
    void violated(Violation violation);
}
