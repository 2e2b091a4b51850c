package io.tunabledb.examples.spring;

import io.tunabledb.consistency.Level;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The level at which a service method reads. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Consistency {

    /** A level that needs no bound. */
    Level value();
}
