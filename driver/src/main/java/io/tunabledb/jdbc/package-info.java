/**
 * JDBC over the engine: text and parameters in, result sets out, no decision made here. Where JDBC leaves a
 * choice, the answer is the one H2's own driver gives, so a program moves by changing its URL. {@link
 * io.tunabledb.jdbc.TunableConnection} and {@link io.tunabledb.jdbc.TunableStatement} are what {@code unwrap}
 * gives to those who want tokens and receipts.
 *
 * <p>Users import from this package only, so it has both ends of the driver: the interfaces, which know no other room, and
 * the driver and data source, which know the rooms that open connections. In between, from the top: {@code pool}, {@code
 * connection}, {@code metadata} and {@code statement}, {@code result}, {@code session}, {@code parameter}, {@code contract};
 * each knows those below it. They are not for users and may change with any version.
 */
@NullMarked
package io.tunabledb.jdbc;

import org.jspecify.annotations.NullMarked;
