/**
 * Ratis's insides: what its version 3.3.0 keeps to itself and does wrong in one process, or without a word. The only room
 * that uses reflection on Ratis; it knows no other room of the transport.
 */
@NullMarked
package io.tunabledb.engine.ratis.internals;

import org.jspecify.annotations.NullMarked;
