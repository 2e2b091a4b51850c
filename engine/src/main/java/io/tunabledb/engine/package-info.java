/**
 * The engine's door: open a {@link io.tunabledb.engine.Database}, get a {@link io.tunabledb.engine.Session}, call
 * statements on it. The driver sees this package, the figures of {@link
 * io.tunabledb.engine.monitor} and the vocabulary, nothing below.
 */
@NullMarked
package io.tunabledb.engine;

import org.jspecify.annotations.NullMarked;
