/** Connections: the methods of JDBC, said to the session behind them. */
@NullMarked
package io.tunabledb.jdbc.connection;

import org.jspecify.annotations.NullMarked;
