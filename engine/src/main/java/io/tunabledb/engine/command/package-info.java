/**
 * What is ours in SQL, not H2's: rules, settings of tables and of the session, tokens, receipts, explanations. Each command is
 * carried out with the stages of the session that sent it.
 */
@NullMarked
package io.tunabledb.engine.command;

import org.jspecify.annotations.NullMarked;
