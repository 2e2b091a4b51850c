/** Runs a user's own SQL and shows what each statement got. */
@NullMarked
package io.tunabledb.examples.script;

import org.jspecify.annotations.NullMarked;
