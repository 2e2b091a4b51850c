/** The network between nodes that run in one JVM, which tests and demonstrations cut, slow and heal. */
@NullMarked
package io.tunabledb.engine.net;

import org.jspecify.annotations.NullMarked;
