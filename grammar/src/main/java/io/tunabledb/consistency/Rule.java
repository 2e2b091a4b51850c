package io.tunabledb.consistency;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A consistency rule: what statements of a scope are asked for when nobody else asks, how weak they may ever be, and what
 * may become of them under load. Rules stand in an order; for each table a statement names, the first that matches decides.
 *
 * @param name its name, unique in the database
 * @param table the table it is for; null for every table, and for statements that name none
 * @param operations the operations it is for
 * @param userType the type of user it is for, compared exactly; null for every user
 * @param using the ladder statements get
 * @param floor the weakest rung any matching statement may get, whoever asked; null when there is none
 * @param downgrade what may be granted instead under load; null when nothing may
 */
public record Rule(
        String name,
        @Nullable Table table,
        Operations operations,
        @Nullable String userType,
        Ladder using,
        @Nullable Rung floor,
        @Nullable Downgrade downgrade) {

    /** A table by name; a null schema means the session's current one. */
    public record Table(@Nullable String schema, String name) {}

    /** An operation or a group of them. */
    public enum Operations {
        READ,
        WRITE,
        SELECT,
        INSERT,
        UPDATE,
        DELETE,
        MERGE,
        /** All but schema changes, which no rule concerns. */
        ANY;

        /** Whether the operation is one of these. */
        public boolean contains(Operation operation) {
            return switch (this) {
                case ANY -> operation != Operation.DDL;
                case READ -> operation.isRead();
                case WRITE -> operation != Operation.DDL && !operation.isRead();
                case SELECT, INSERT, UPDATE, DELETE, MERGE -> name().equals(operation.name());
            };
        }
    }

    /**
     * What a rule's own ladder may become under load.
     *
     * @param to rungs without options, in the order they are taken, at least one
     * @param load the load above which the first is taken, in (0, 100]; the second above twice that, and so on
     */
    public record Downgrade(List<Rung> to, double load) {
        /** The highest threshold that may be asked for. */
        public static final double MOST = 100;

        public Downgrade {
            to = List.copyOf(to);
            if (to.isEmpty()) {
                throw new IllegalArgumentException("DOWNGRADE needs at least one level");
            }
            if (!(load > 0 && load <= MOST)) {
                throw new IllegalArgumentException("LOAD must be above 0 and at most 100, found " + load);
            }
        }

        /** The load above which the level at that place of the list, from 0, is taken. */
        public double threshold(int place) {
            return load * (place + 1);
        }
    }

    /** The same rule for another table, or for the same one under its full name. */
    public Rule on(@Nullable Table other) {
        return new Rule(name, other, operations, userType, using, floor, downgrade);
    }
}
