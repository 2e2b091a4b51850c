/**
 * What stands behind a view: the tables, their uses, and whether it can be read at all.
 */
@NullMarked
package io.tunabledb.engine.h2.ddl.view;

import org.jspecify.annotations.NullMarked;
