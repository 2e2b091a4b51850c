/** What was asked, what the rules say and what the plan needs, to one agreement. Pure. */
@NullMarked
package io.tunabledb.engine.negotiate;

import org.jspecify.annotations.NullMarked;
