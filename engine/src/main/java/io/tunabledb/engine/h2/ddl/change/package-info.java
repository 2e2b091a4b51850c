/**
 * A schema change as a value: its text, what it came to, what blocked it, which version of the schema it makes.
 */
@NullMarked
package io.tunabledb.engine.h2.ddl.change;

import org.jspecify.annotations.NullMarked;
