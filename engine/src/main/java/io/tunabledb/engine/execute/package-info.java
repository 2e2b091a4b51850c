/**
 * Carries an agreement out on the shards; the only place that waits, retries and gives up. Reads go down {@link
 * io.tunabledb.engine.execute.ReadPath}, writes down {@link io.tunabledb.engine.execute.WritePath}, schema changes down
 * {@link io.tunabledb.engine.execute.DefinePath}.
 */
@NullMarked
package io.tunabledb.engine.execute;

import org.jspecify.annotations.NullMarked;
