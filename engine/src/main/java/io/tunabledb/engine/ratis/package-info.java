/** The log, by Apache Ratis. The only package that imports Ratis. */
@NullMarked
package io.tunabledb.engine.ratis;

import org.jspecify.annotations.NullMarked;
