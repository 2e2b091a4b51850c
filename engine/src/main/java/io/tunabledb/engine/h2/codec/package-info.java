/**
 * Values, rows and parameters of H2's as bytes.
 */
@NullMarked
package io.tunabledb.engine.h2.codec;

import org.jspecify.annotations.NullMarked;
