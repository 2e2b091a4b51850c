/** The commands a newcomer runs: the quickstart, a shell, a script runner and the benchmarks. */
@NullMarked
package io.tunabledb.examples;

import org.jspecify.annotations.NullMarked;
