/**
 * Schema changes inside one storage: what is allowed, what stands behind a view, and the rows that move with a change
 * of sharding.
 */
@NullMarked
package io.tunabledb.engine.h2.ddl;

import org.jspecify.annotations.NullMarked;
