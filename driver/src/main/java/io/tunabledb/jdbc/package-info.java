/**
 * JDBC over the engine: text and parameters in, result sets out, no decision made here. Where JDBC leaves a
 * choice, the answer is the one H2's own driver gives, so a program moves by changing its URL. {@link
 * io.tunabledb.jdbc.TunableConnection} and {@link io.tunabledb.jdbc.TunableStatement} are what {@code unwrap}
 * gives to those who want tokens and receipts.
 */
@NullMarked
package io.tunabledb.jdbc;

import org.jspecify.annotations.NullMarked;
