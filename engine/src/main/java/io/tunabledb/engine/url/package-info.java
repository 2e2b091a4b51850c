/**
 * What a JDBC URL says: the database's name, its properties with their ranges and defaults, and the settings of H2's that
 * are honoured or refused by name. Read once, at the top.
 */
@NullMarked
package io.tunabledb.engine.url;

import org.jspecify.annotations.NullMarked;
