/**
 * What one session knows, and what it asks every stage with: its settings, what it has seen and written, the
 * nodes it reaches, how its statements make up transactions, what is under way and how that is cancelled. The floor that the
 * other rooms of {@code execute} stand on.
 */
@NullMarked
package io.tunabledb.engine.execute.session;

import org.jspecify.annotations.NullMarked;
