/**
 * What a statement has read and a transaction has written, as keys that are compared when it commits.
 */
@NullMarked
package io.tunabledb.engine.h2.readset;

import org.jspecify.annotations.NullMarked;
