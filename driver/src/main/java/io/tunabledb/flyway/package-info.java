/** Lets Flyway, which chooses by the URL, find that a {@code jdbc:tunable:} database is H2's kind. */
@NullMarked
package io.tunabledb.flyway;

import org.jspecify.annotations.NullMarked;
