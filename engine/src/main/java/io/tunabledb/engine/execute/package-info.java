/**
 * Carries an agreement out on the shards; the only place that waits, retries and gives up. A door for
 * each kind takes a statement to the shards its route names: {@link io.tunabledb.engine.execute.Reads}, {@link
 * io.tunabledb.engine.execute.Writes}, {@link io.tunabledb.engine.execute.SchemaChanges}. In one shard reads go down {@code
 * ReadPath}, writes down {@code WritePath}, schema changes down {@code DefinePath}; {@code ShardSession} is the session's side
 * of that shard. Over several, rows are fetched by {@code GatheredStatements} at a cut of {@code Cuts}, and transactions are
 * committed by {@code CrossCommit}. Answers that may cause something elsewhere pass {@code HoldBack}.
 */
@NullMarked
package io.tunabledb.engine.execute;

import org.jspecify.annotations.NullMarked;
