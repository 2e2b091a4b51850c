/** sqlline on a URL, with a receipt after every statement. */
@NullMarked
package io.tunabledb.examples.shell;

import org.jspecify.annotations.NullMarked;
