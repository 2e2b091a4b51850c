/** What a session has seen and written, per shard, and the token that carries it elsewhere. */
@NullMarked
package io.tunabledb.engine.session;

import org.jspecify.annotations.NullMarked;
