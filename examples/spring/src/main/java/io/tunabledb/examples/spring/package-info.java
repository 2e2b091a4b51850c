/** A small shop with Spring Boot: what an application adds to turn the dial, and nothing else about the database. */
@NullMarked
package io.tunabledb.examples.spring;

import org.jspecify.annotations.NullMarked;
