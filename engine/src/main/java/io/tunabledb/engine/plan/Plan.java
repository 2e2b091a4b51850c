package io.tunabledb.engine.plan;

import io.tunabledb.consistency.Operation;
import io.tunabledb.engine.plan.placement.Placement;
import io.tunabledb.sql.Statement;
import java.util.List;

/**
 * What a statement will need: the shards it touches and how.
 *
 * @param shards the shards it may touch whatever its parameters are, in order; unsharded tables live in shard 0
 * @param definesEverywhere whether a schema change may touch tables it does not name, as DROP SCHEMA does
 * @param placement which of them an execution touches, and how
 * @param tables schema-qualified tables, as {@code SCHEMA.TABLE}, in order of appearance
 */
public record Plan(
        Kind kind,
        Operation operation,
        List<Integer> shards,
        List<Table> tables,
        boolean definesEverywhere,
        Placement placement) {

    /** In shard 0, where {@code shards} says so. */
    public Plan(Kind kind, Operation operation, List<Integer> shards, List<Table> tables, boolean definesEverywhere) {
        this(kind, operation, shards, tables, definesEverywhere, Placement.SHARD_ZERO);
    }

    public Plan {
        shards = List.copyOf(shards);
        tables = List.copyOf(tables);
    }

    /** How the statement is carried out. */
    public enum Kind {
        /** Only reads: any replica that is fresh enough. */
        READ,
        /** Writes, locks rows or depends on the writing session: in a transaction at the leader. */
        WRITE,
        /** Changes the schema: an entry that every replica executes. */
        DEFINE
    }

    /** A table with its schema. */
    public record Table(String schema, String name, Statement.Use use) {
        @Override
        public String toString() {
            return schema + "." + name;
        }
    }

    /** The same of a schema change that needs no table for itself: open transactions on any of them go on. */
    public Plan besideTransactions() {
        return new Plan(kind, operation, shards, List.of(), false, placement);
    }

    /** The same where a table is known to the session's own storage session only: everything about it runs there. */
    public Plan inWritingSession() {
        return kind == Kind.DEFINE
                ? new Plan(Kind.WRITE, operation, List.of(0), tables, false)
                : new Plan(Kind.WRITE, operation, shards, tables, false, placement);
    }

    /** Whether it takes part in the transaction at the leader. */
    public boolean isWrite() {
        return kind == Kind.WRITE;
    }
}
