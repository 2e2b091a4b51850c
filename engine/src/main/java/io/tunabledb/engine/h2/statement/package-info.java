/**
 * A statement on a storage session: bounded in memory, with the client's user, time and session, waiting for
 * rows within its time.
 */
@NullMarked
package io.tunabledb.engine.h2.statement;

import org.jspecify.annotations.NullMarked;
