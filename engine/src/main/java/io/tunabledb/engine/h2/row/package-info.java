/**
 * Rows and sequences: where they are, what a transaction changed of them, and how such changes are applied.
 */
@NullMarked
package io.tunabledb.engine.h2.row;

import org.jspecify.annotations.NullMarked;
