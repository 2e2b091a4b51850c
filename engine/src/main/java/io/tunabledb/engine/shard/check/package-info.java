/**
 * What a replica finds when it is asked whether it is the same as the others: hashes of its rows and of its schema.
 */
@NullMarked
package io.tunabledb.engine.shard.check;

import org.jspecify.annotations.NullMarked;
