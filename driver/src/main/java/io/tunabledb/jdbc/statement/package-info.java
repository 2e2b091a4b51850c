/** Statements, prepared statements and calls: texts and parameters in, results out. */
@NullMarked
package io.tunabledb.jdbc.statement;

import org.jspecify.annotations.NullMarked;
