/** The ground floor's clock: time in which this process ran, by which everything waits that a stopped machine must not fail. */
@NullMarked
package io.tunabledb.engine.clock;

import org.jspecify.annotations.NullMarked;
