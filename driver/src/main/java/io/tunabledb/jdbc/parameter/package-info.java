/** Values on their way to a statement: materialised once, so that they can be bound as often as replicas are tried. */
@NullMarked
package io.tunabledb.jdbc.parameter;

import org.jspecify.annotations.NullMarked;
