/**
 * Result sets: values by index and by label, moving, and changing rows in place. Knows statements only as the owner of
 * results.
 */
@NullMarked
package io.tunabledb.jdbc.result;

import org.jspecify.annotations.NullMarked;
