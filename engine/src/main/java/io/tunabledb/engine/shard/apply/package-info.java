/**
 * What is done with an entry of the log, by its kind. On the apply thread, one entry after the other. Knows what is held and
 * prepared, and neither readers' sessions nor who leads.
 */
@NullMarked
package io.tunabledb.engine.shard.apply;

import org.jspecify.annotations.NullMarked;
