package io.tunabledb.engine.plan.placement;

import java.util.Arrays;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Which shard has which bucket of shard keys. A value. It has more buckets than a database has shards, so that a shard can
 * be split later by giving some of its buckets to another.
 */
public final class BucketMap {
    /** How many buckets there are, for ever: a key's bucket is its hash modulo this. */
    public static final int BUCKETS = 1024;

    private final int[] shards;
    private final int count;
    private final SortedSet<Integer> all;

    private BucketMap(int[] shards, int count) {
        this.shards = shards;
        this.count = count;
        this.all = Collections.unmodifiableSortedSet(
                IntStream.range(0, count).boxed().collect(Collectors.toCollection(TreeSet::new)));
    }

    /** Bucket b is in shard b modulo {@code shards}. */
    public static BucketMap even(int shards) {
        if (shards < 1 || shards > BUCKETS) {
            throw new IllegalArgumentException(shards + " shards; there can be 1 to " + BUCKETS);
        }
        return new BucketMap(
                IntStream.range(0, BUCKETS).map(bucket -> bucket % shards).toArray(), shards);
    }

    /**
     * Reads what {@link #text} wrote.
     *
     * @param shards how many shards the database has
     * @throws IllegalArgumentException when it is no such text, or names a shard there is not
     */
    public static BucketMap parse(String text, int shards) {
        int[] read =
                Arrays.stream(text.split(",", -1)).mapToInt(Integer::parseInt).toArray();
        if (read.length != BUCKETS) {
            throw new IllegalArgumentException(read.length + " buckets; there are " + BUCKETS);
        }
        for (int shard : read) {
            if (shard < 0 || shard >= shards) {
                throw new IllegalArgumentException("a bucket in shard " + shard + "; there are " + shards + " shards");
            }
        }
        return new BucketMap(read, shards);
    }

    /** The shard of each bucket, with commas between. */
    public String text() {
        return Arrays.stream(shards).mapToObj(Integer::toString).collect(Collectors.joining(","));
    }

    /** The shard that has a bucket. */
    public int shardOf(int bucket) {
        return shards[bucket];
    }

    /** How many shards the database has. */
    public int shards() {
        return count;
    }

    /** Every shard. */
    public SortedSet<Integer> all() {
        return all;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BucketMap map && count == map.count && Arrays.equals(shards, map.shards);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(shards);
    }

    @Override
    public String toString() {
        return count + " shards, buckets " + text();
    }
}
