/** The nodes of an embedded database: their directories, their start and stop, the network between them. */
@NullMarked
package io.tunabledb.engine.node;

import org.jspecify.annotations.NullMarked;
