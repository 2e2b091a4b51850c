/**
 * The engine's own tables in each database: the ledger, settings, outbox marks, transactions over shards, epochs;
 * and what schema {@code TUNABLE} shows.
 */
@NullMarked
package io.tunabledb.engine.h2.catalog;

import org.jspecify.annotations.NullMarked;
