/**
 * The seam to storage: one replica's tables in an in-memory H2. The only package that imports H2, and the only one that
 * knows its internals; everyone else sees {@code java.sql} and the types here.
 */
@NullMarked
package io.tunabledb.engine.h2;

import org.jspecify.annotations.NullMarked;
