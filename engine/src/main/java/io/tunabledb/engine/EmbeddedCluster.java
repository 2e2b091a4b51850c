package io.tunabledb.engine;

/** The nodes of a database whose replicas all run in this JVM. Placeholder of the API the faults tests use. */
public final class EmbeddedCluster {}
