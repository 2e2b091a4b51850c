/**
 * One statement of a session, from its decision to its answer: decided once, decided again while its tables change shards,
 * measured, and sent down one of the rooms below: {@code scatter}, {@code outbox} or {@code ddl}. What of that belongs to the
 * session is put together in {@link io.tunabledb.engine.execute.statement.SessionPaths}.
 */
@NullMarked
package io.tunabledb.engine.execute.statement;

import org.jspecify.annotations.NullMarked;
