/**
 * What a replica's state machine keeps between Ratis and the shard: positions, proposals, leadership, snapshots. Knows no
 * server and no transport.
 */
@NullMarked
package io.tunabledb.engine.ratis.statemachine;

import org.jspecify.annotations.NullMarked;
