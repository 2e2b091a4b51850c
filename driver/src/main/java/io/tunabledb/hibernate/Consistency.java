package io.tunabledb.hibernate;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The level at which an entity is read: by its key, in collections, by HQL and criteria. A query over several entities is
 * read at the strongest of theirs, where one without annotation counts as SEQUENTIAL and keeps the default if that is the
 * strongest. What a query or a session asks for goes before it; native SQL and writes are not touched.
 */
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface Consistency {

    /** A ladder as after WITH CONSISTENCY, for example {@code BOUNDED_STALENESS (5 SECONDS) ELSE EVENTUAL}. */
    String value();
}
