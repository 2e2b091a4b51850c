/** Text to statement: what a piece of SQL is, what it touches, and which consistency it asks for. Pure. */
@NullMarked
package io.tunabledb.sql;

import org.jspecify.annotations.NullMarked;
