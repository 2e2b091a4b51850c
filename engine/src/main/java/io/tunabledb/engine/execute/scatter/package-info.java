/**
 * Statements that concern several shards: the doors by which any statement goes to its shards, rows fetched
 * from each, changes computed over them and spread again.
 */
@NullMarked
package io.tunabledb.engine.execute.scatter;

import org.jspecify.annotations.NullMarked;
