/**
 * H2's insides: private fields, compiled statements, sessions and users, behind names that say what is needed.
 * The only room that uses reflection on H2; it knows no other room of the storage.
 */
@NullMarked
package io.tunabledb.engine.h2.internals;

import org.jspecify.annotations.NullMarked;
