/** Statement and catalog to plan: which shards, read or write. Pure. */
@NullMarked
package io.tunabledb.engine.plan;

import org.jspecify.annotations.NullMarked;
