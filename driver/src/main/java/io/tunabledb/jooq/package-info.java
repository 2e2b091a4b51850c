/**
 * Levels and receipts for jOOQ (3.19 and later; an optional dependency). Everything else is plain jOOQ with its H2
 * dialect.
 */
@NullMarked
package io.tunabledb.jooq;

import org.jspecify.annotations.NullMarked;
