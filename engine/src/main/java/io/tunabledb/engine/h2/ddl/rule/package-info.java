/**
 * What a schema change may be: the same on every replica, readable again, and the shards' rules. Judges compiled
 * definitions, executes none.
 */
@NullMarked
package io.tunabledb.engine.h2.ddl.rule;

import org.jspecify.annotations.NullMarked;
