/**
 * A moment of a replica as bytes: rows in blocks, and the schema as a script that reads back in any order of
 * dependencies.
 */
@NullMarked
package io.tunabledb.engine.h2.snapshot;

import org.jspecify.annotations.NullMarked;
