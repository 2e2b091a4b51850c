/**
 * What a level costs: JMH benchmarks of the same statements at every level and on plain embedded H2. JMH generates code
 * beside {@link io.tunabledb.examples.bench.Statements}; {@link io.tunabledb.examples.bench.Bench} runs it. And what a shard
 * key costs: {@link io.tunabledb.examples.bench.ShardCost}, in one JVM, because the difference is smaller than that between
 * two JVMs.
 */
@NullMarked
package io.tunabledb.examples.bench;

import org.jspecify.annotations.NullMarked;
