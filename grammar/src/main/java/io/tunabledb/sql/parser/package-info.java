/**
 * Text to tree: the generated lexer and parser and what they stand on. Internal to {@code io.tunabledb.sql}, which
 * turns trees into statements.
 */
@NullMarked
package io.tunabledb.sql.parser;

import org.jspecify.annotations.NullMarked;
