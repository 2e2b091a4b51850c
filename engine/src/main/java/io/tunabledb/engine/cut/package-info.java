/**
 * Cuts: one state of all shards, of each shard's log a prefix. {@code DESIGN.md} beside this tells the protocol and what
 * breaks without each of its rules; {@code cut.pml} is its model. What logs and replicas have to do with it is in package
 * {@code shard}, what readers do in {@code execute.Cuts}.
 */
@NullMarked
package io.tunabledb.engine.cut;

import org.jspecify.annotations.NullMarked;
