/**
 * Levels for Hibernate ORM (7.4 and later of the 7 line; an optional dependency): by entity with {@link
 * io.tunabledb.hibernate.Consistency}, by query with {@link io.tunabledb.hibernate.ConsistencyHint}, by session with {@link
 * io.tunabledb.hibernate.ConsistencyInspector}. Hibernate finds the dialect by itself; without any of these three it is
 * plain Hibernate on H2.
 */
@NullMarked
package io.tunabledb.hibernate;

import org.jspecify.annotations.NullMarked;
