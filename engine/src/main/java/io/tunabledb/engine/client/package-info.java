/**
 * The seam between clients and the engine: all that the JDBC driver needs of a database, as interfaces. Rows, values and
 * metadata cross it as the types of {@code java.sql}, failures as {@link java.sql.SQLException}; nothing of storage, shards
 * or nodes does. The engine in this JVM implements it by {@link io.tunabledb.engine.EmbeddedSession}.
 */
@NullMarked
package io.tunabledb.engine.client;

import org.jspecify.annotations.NullMarked;
