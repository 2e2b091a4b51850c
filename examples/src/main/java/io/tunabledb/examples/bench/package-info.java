/**
 * What a level costs: JMH benchmarks of the same statements at every level and on plain embedded H2. JMH generates code
 * beside {@link io.tunabledb.examples.bench.Statements}; {@link io.tunabledb.examples.bench.Bench} runs it.
 */
@NullMarked
package io.tunabledb.examples.bench;

import org.jspecify.annotations.NullMarked;
