package io.tunabledb.engine.api;

import io.tunabledb.consistency.Receipt;
import java.sql.ResultSet;
import java.sql.SQLWarning;
import org.jspecify.annotations.Nullable;

/**
 * What one execution gave.
 *
 * @param rows the rows of a query, else null
 * @param count the update count; -1 for a query, 0 for DDL and commands
 * @param keys the generated keys, if asked for
 * @param receipt what consistency was served; null for commands that touch no shard
 * @param warning the first of a chain, or null
 */
public record Result(
        @Nullable ResultSet rows,
        long count,
        @Nullable ResultSet keys,
        @Nullable Receipt receipt,
        @Nullable SQLWarning warning) {}
