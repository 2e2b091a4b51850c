/** Gives a Spring Boot application whose URL is {@code jdbc:tunable:} the defaults that it gives one on H2. */
@NullMarked
package io.tunabledb.spring;

import org.jspecify.annotations.NullMarked;
