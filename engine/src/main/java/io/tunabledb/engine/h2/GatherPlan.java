package io.tunabledb.engine.h2;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.h2.value.TypeInfo;
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
     * @param columns the table's columns that its own are, in order; a fragment that {@code isTarget} has the row key
     *     before them
     */
    record Source(Fragment fragment, List<Integer> columns, boolean isTarget) {}

    /** An SQL text and which of the statement's parameters are its own, in order, counted from 1. */
    record Text(String sql, List<Integer> parameters) {}

    /**
     * A query whose rows are to be inserted.
     *
     * @param columns the columns its rows fill; the shard they go to fills the rest
     * @param overriding what the INSERT says of identity columns, or empty
     */
    record InsertSource(List<String> columns, String overriding, Text query) {}

    /**
     * What changes rows.
     *
     * @param inserts if there are any they are all there is to do; else the statement itself runs
     * @param insertedColumns the columns that a MERGE's new rows fill; null for all
     */
    record Change(
            TableName target,
            List<InsertSource> inserts,
            @Nullable List<String> insertedColumns) {
        Change {
            inserts = List.copyOf(inserts);
        }
    }

    private final String sql;
    private final List<Source> sources;
    private final IdentityHashMap<Fragment, Source> byFragment = new IdentityHashMap<>();
    private final Text query;
    private final @Nullable Change change;
    private final List<TypeInfo> partials;

    GatherPlan(String sql, List<Source> sources, Text query, @Nullable Change change) {
        this(sql, sources, query, change, List.of());
    }

    private GatherPlan(String sql, List<Source> sources, Text query, @Nullable Change change, List<TypeInfo> partials) {
        this.partials = List.copyOf(partials);
        this.sql = sql;
        this.sources = List.copyOf(sources);
        this.query = query;
        this.change = change;
        sources.forEach(source -> byFragment.put(source.fragment(), source));
    }

    /** A plan whose one fragment gives partial results, in columns of these types, which {@code query} puts together. */
    static GatherPlan ofPartials(String sql, Source source, Text query, List<TypeInfo> types) {
        return new GatherPlan(sql, List.of(source), query, null, types);
    }

    /** The types of partial results; empty if the fragments give rows. */
    List<TypeInfo> partials() {
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
        return sources.stream().map(Source::fragment).toList();
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
                ? partials.isEmpty() ? "combine rows in a private database" : "combine partial results"
                : "work out the changes of " + change.target() + " in a private database";
    }

    Source source(Fragment fragment) {
        return Objects.requireNonNull(byFragment.get(fragment), "a fragment of another plan");
    }

    /** What runs over the rows. */
    Text query() {
        return query;
    }

    Change change() {
        return Objects.requireNonNull(change, "a query changes nothing");
    }
}
