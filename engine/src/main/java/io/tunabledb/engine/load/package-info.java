/**
 * How busy this process is with its database, smoothed and with hysteresis, so that rules can say what may become weaker
 * under load; and the counts of what rules did. Decisions read one immutable value of it.
 */
@NullMarked
package io.tunabledb.engine.load;

import org.jspecify.annotations.NullMarked;
