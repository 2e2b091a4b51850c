package io.tunabledb.sql;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Rule;
import io.tunabledb.consistency.Rule.Downgrade;
import io.tunabledb.consistency.Rule.Operations;
import io.tunabledb.consistency.Rung;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Consistency rules written in Java. A rule is a value that each call makes anew; {@link Builder#sql} is the statement,
 * to be executed like any other:
 *
 * <pre>{@code
 * String sql = ConsistencyRules.rule("ORDERS_READ").onTable("ORDERS").forReads().toUserType("ANALYST")
 *         .using(Level.SEQUENTIAL).orElse(Level.EVENTUAL)
 *         .floor(Rung.bounded(Duration.ofSeconds(5)))
 *         .downgradeTo(0.8, Rung.bounded(Duration.ofSeconds(1)), Rung.bounded(Duration.ofSeconds(5)))
 *         .orReplace().sql();
 * }</pre>
 *
 * <p>Names are taken exactly as given: write them in upper case unless the table was created with a quoted name.
 */
public final class ConsistencyRules {

    private ConsistencyRules() {}

    /** Begins a rule for every table, every operation and every user. */
    public static Builder rule(String name) {
        return new Builder(name, null, Operations.ANY, null, List.of(), null, null, false, null);
    }

    /** A statement that drops a rule if it exists. */
    public static String drop(String name) {
        return "DROP CONSISTENCY RULE IF EXISTS " + Names.quoted(name);
    }

    /** A rule being written; every method gives another one. */
    public record Builder(
            String name,
            Rule.@Nullable Table table,
            Operations operations,
            @Nullable String userType,
            List<Rung> rungs,
            @Nullable Rung floor,
            @Nullable Downgrade downgrade,
            boolean replaces,
            @Nullable String before) {

        public Builder {
            rungs = List.copyOf(rungs);
        }

        /** For that table of the current schema. */
        public Builder onTable(String table) {
            return on(new Rule.Table(null, table));
        }

        /** For that table. */
        public Builder onTable(String schema, String table) {
            return on(new Rule.Table(schema, table));
        }

        /** For every table. */
        public Builder onEveryTable() {
            return on(null);
        }

        private Builder on(Rule.@Nullable Table to) {
            return new Builder(name, to, operations, userType, rungs, floor, downgrade, replaces, before);
        }

        /** For SELECT. */
        public Builder forReads() {
            return forOperations(Operations.READ);
        }

        /** For INSERT, UPDATE, DELETE and MERGE. */
        public Builder forWrites() {
            return forOperations(Operations.WRITE);
        }

        /** For that operation or group. */
        public Builder forOperations(Operations which) {
            return new Builder(name, table, which, userType, rungs, floor, downgrade, replaces, before);
        }

        /** For users of that type. */
        public Builder toUserType(String type) {
            return new Builder(name, table, operations, type, rungs, floor, downgrade, replaces, before);
        }

        /** The rung wanted most; forgets others given before. */
        public Builder using(Rung rung) {
            return with(List.of(rung));
        }

        /** A level wanted most; BOUNDED_STALENESS needs {@link Rung#bounded}. */
        public Builder using(Level level) {
            return using(Rung.of(level));
        }

        /** The next rung, for when those before are not met in time. */
        public Builder orElse(Rung rung) {
            List<Rung> more = new ArrayList<>(rungs);
            more.add(rung);
            return with(more);
        }

        /** The next level. */
        public Builder orElse(Level level) {
            return orElse(Rung.of(level));
        }

        private Builder with(List<Rung> ladder) {
            return new Builder(name, table, operations, userType, ladder, floor, downgrade, replaces, before);
        }

        /** Nothing weaker, whoever asks; the rung's options (WITHIN, AFTER, ACK ALL) are left out. */
        public Builder floor(Rung rung) {
            return new Builder(name, table, operations, userType, rungs, bare(rung), downgrade, replaces, before);
        }

        /** Nothing weaker than that level. */
        public Builder floor(Level level) {
            return floor(Rung.of(level));
        }

        /**
         * What may be granted instead of the first rung above that load, the second above twice that, and so on.
         *
         * @throws IllegalArgumentException when the load is not in (0, 100] or nothing is listed
         */
        public Builder downgradeTo(double whenLoadAbove, Rung... to) {
            Downgrade list =
                    new Downgrade(List.of(to).stream().map(Builder::bare).toList(), whenLoadAbove);
            return new Builder(name, table, operations, userType, rungs, floor, list, replaces, before);
        }

        /** As {@link #downgradeTo(double, Rung...)}. */
        public Builder downgradeTo(double whenLoadAbove, Level... to) {
            return downgradeTo(whenLoadAbove, List.of(to).stream().map(Rung::of).toArray(Rung[]::new));
        }

        /** Takes the place of a rule of that name. */
        public Builder orReplace() {
            return new Builder(name, table, operations, userType, rungs, floor, downgrade, true, before);
        }

        /** To stand before another rule, instead of last. */
        public Builder beforeRule(String other) {
            return new Builder(name, table, operations, userType, rungs, floor, downgrade, replaces, other);
        }

        /**
         * The rule.
         *
         * @throws IllegalArgumentException when no rung was given
         */
        public Rule rule() {
            return new Rule(name, table, operations, userType, new Ladder(rungs), floor, downgrade);
        }

        /**
         * The CREATE CONSISTENCY RULE statement.
         *
         * @throws IllegalArgumentException when no rung was given
         */
        public String sql() {
            return Rendering.rule(rule(), replaces, before);
        }

        private static Rung bare(Rung rung) {
            return new Rung(rung.level(), rung.maxStaleness(), rung.maxEntries(), null, null, false);
        }
    }
}
