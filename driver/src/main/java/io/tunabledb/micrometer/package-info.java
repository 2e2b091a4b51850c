/** What a database knows of itself as Micrometer meters. Needs {@code micrometer-core}, which is an optional dependency. */
@NullMarked
package io.tunabledb.micrometer;

import org.jspecify.annotations.NullMarked;
