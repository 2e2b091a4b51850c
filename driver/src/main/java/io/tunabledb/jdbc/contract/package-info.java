/** What JDBC's contract says alike of all its objects: how misuse is answered, what is not supported, unwrapping. The ground floor. */
@NullMarked
package io.tunabledb.jdbc.contract;

import org.jspecify.annotations.NullMarked;
