/**
 * The session behind a connection, shared by the threads that use it and lent by pools: turns, the network timeout, settings
 * that outlive borrowers. Knows statements only as what it closes.
 */
@NullMarked
package io.tunabledb.jdbc.session;

import org.jspecify.annotations.NullMarked;
