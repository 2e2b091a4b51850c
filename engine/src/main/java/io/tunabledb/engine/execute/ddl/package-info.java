/**
 * What every shard has: schema changes, rules, settings, moved rows and checks of replicas. A change goes through
 * the first shard's log, then through the others'.
 */
@NullMarked
package io.tunabledb.engine.execute.ddl;

import org.jspecify.annotations.NullMarked;
