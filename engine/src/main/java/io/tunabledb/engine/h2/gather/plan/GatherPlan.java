package io.tunabledb.engine.h2.gather.plan;

import io.tunabledb.engine.h2.gather.Gathered;
import io.tunabledb.engine.h2.sql.SequenceName;
import io.tunabledb.engine.h2.sql.TableName;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How a statement is answered from rows of several shards: what to fetch, and what then runs over it in a private
 * database. Good for as long as the schema stays what it was, for any values of the parameters.
 */
public final class GatherPlan {

    /** What carries the statement out. */
    public enum Kind {
        /** {@link Gathered#query}. */
        QUERY,
        /** {@link Gathered#change}. */
        CHANGE
    }

    /**
     * A fragment and where its rows go.
     *
     * @param columns the table's columns that its own are, in order; the row key is before them if rows are touched
     * @param byKeys gives the same columns of some of the table's rows, by their keys, and locks them; null if the statement
     *     neither changes nor locks rows of the table
     */
    public record Source(
            Fragment fragment,
            List<Integer> columns,
            @Nullable String byKeys) {
        public boolean isTarget() {
            return byKeys != null;
        }
    }

    /** An SQL text and which of the statement's parameters are its own, in order, counted from 1. */
    public record Text(String sql, List<Integer> parameters) {}

    /**
     * A query whose rows are to be inserted.
     *
     * @param columns the columns its rows fill; the shard they go to fills the rest
     * @param overriding what the INSERT says of identity columns, or empty
     */
    public record InsertSource(List<String> columns, String overriding, Text query) {}

    /**
     * What changes rows.
     *
     * @param inserts if there are any they are all there is to do; else the statement itself runs
     * @param insertedColumns the columns that a MERGE's new rows fill, the rest of which is left to the shard; null for all,
     *     as they are in the private database
     */
    public record Change(
            TableName target,
            List<InsertSource> inserts,
            @Nullable List<String> insertedColumns) {
        public Change {
            inserts = List.copyOf(inserts);
        }
    }

    /**
     * What a statement may do beside what it is for.
     *
     * @param sequences it names, of which it takes values or asks what was taken
     * @param changed the tables whose rows a query changes inside, and then selects from
     */
    public record Effects(Set<SequenceName> sequences, Set<TableName> changed) {
        static final Effects NONE = new Effects(Set.of(), Set.of());

        public Effects {
            sequences = Set.copyOf(sequences);
            changed = Set.copyOf(changed);
        }
    }

    private final String sql;
    private final List<Source> sources;
    private final List<Fragment> fragments;
    private final boolean hasTargets;
    private final IdentityHashMap<Fragment, Source> byFragment = new IdentityHashMap<>();
    private final Text query;
    private final @Nullable Change change;
    private final PartialTypes partials;
    private final Effects effects;

    GatherPlan(String sql, List<Source> sources, Text query, @Nullable Change change, Effects effects) {
        this(sql, sources, query, change, effects, PartialTypes.NONE);
    }

    private GatherPlan(
            String sql,
            List<Source> sources,
            Text query,
            @Nullable Change change,
            Effects effects,
            PartialTypes partials) {
        this.partials = partials;
        this.effects = effects;
        this.sql = sql;
        this.sources = List.copyOf(sources);
        this.query = query;
        this.change = change;
        fragments = sources.stream().map(Source::fragment).toList();
        hasTargets = sources.stream().anyMatch(Source::isTarget);
        sources.forEach(source -> byFragment.put(source.fragment(), source));
    }

    /** A plan whose one fragment gives partial results, in columns of these types, which {@code query} puts together. */
    static GatherPlan ofPartials(String sql, Source source, Text query, PartialTypes types) {
        return new GatherPlan(sql, List.of(source), query, null, Effects.NONE, types);
    }

    /** What else it may do. */
    public Effects effects() {
        return effects;
    }

    /** Whether it is a query over rows that it changes: then {@link Gathered#effects} come with its answer. */
    public boolean hasEffects() {
        return !effects.changed().isEmpty();
    }

    /** The types of partial results; empty if the fragments give rows. */
    public PartialTypes partials() {
        return partials;
    }

    /** The statement. */
    public String sql() {
        return sql;
    }

    /** How it is carried out. */
    public Kind kind() {
        return change == null ? Kind.QUERY : Kind.CHANGE;
    }

    /** What to fetch, each from all shards that may hold such rows; one fragment per table. */
    public List<Fragment> fragments() {
        return fragments;
    }

    /** Whether it changes or locks rows of what it fetches. */
    public boolean hasTargets() {
        return hasTargets;
    }

    /** The table whose rows it changes; null for a query. */
    public @Nullable TableName target() {
        return change == null ? null : change.target();
    }

    /** What happens, a line per step, for EXPLAIN. */
    public List<String> describe() {
        return Stream.concat(sources.stream().map(source -> describe(source.fragment())), Stream.of(last()))
                .toList();
    }

    private static String describe(Fragment fragment) {
        return "gather " + fragment.table() + (fragment.pushed().isEmpty() ? "" : ": " + fragment.pushed());
    }

    private String last() {
        return change == null
                ? hasEffects()
                        ? "work out the changes of "
                                + effects.changed().stream()
                                        .map(TableName::toString)
                                        .sorted()
                                        .collect(Collectors.joining(", "))
                                + " and the answer in a private database"
                        : partials.isEmpty() ? "combine rows in a private database" : "combine partial results"
                : "work out the changes of " + change.target() + " in a private database";
    }

    public Source source(Fragment fragment) {
        return Objects.requireNonNull(byFragment.get(fragment), "a fragment of another plan");
    }

    /** What runs over the rows. */
    public Text query() {
        return query;
    }

    public Change change() {
        return Objects.requireNonNull(change, "a query changes nothing");
    }
}
