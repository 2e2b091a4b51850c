/** What a connection tells of its database and of this driver. */
@NullMarked
package io.tunabledb.jdbc.metadata;

import org.jspecify.annotations.NullMarked;
