/** Users, roles and their rights as values of the replicated catalog: who may do what. Pure. */
@NullMarked
package io.tunabledb.engine.access;

import org.jspecify.annotations.NullMarked;
