/**
 * The vocabulary every stage shares: levels, rungs, ladders, SQLSTATEs, receipts. Pure values; nothing here reads a
 * clock, starts a thread or knows JDBC.
 */
@NullMarked
package io.tunabledb.consistency;

import org.jspecify.annotations.NullMarked;
