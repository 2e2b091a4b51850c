/**
 * How full the heap is, and which statements fill it. Tables live in memory, and a JVM that runs out of it would lose its
 * replicas all at once: so writes are refused, and the hungriest statements ended, before that. Beside the flow of a
 * statement; knows no other room.
 */
@NullMarked
package io.tunabledb.engine.heap;

import org.jspecify.annotations.NullMarked;
