/** Sessions that a pool lends to one borrower after the other. */
@NullMarked
package io.tunabledb.jdbc.pool;

import org.jspecify.annotations.NullMarked;
