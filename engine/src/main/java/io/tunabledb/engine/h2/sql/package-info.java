/**
 * What SQL's texts, names and errors are to the engine: tokens, literals, the names of tables and sequences, H2's error
 * codes. Knows H2's public face only; every room of the storage may use it.
 */
@NullMarked
package io.tunabledb.engine.h2.sql;

import org.jspecify.annotations.NullMarked;
