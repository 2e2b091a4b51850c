/**
 * One way to write bytes: what is in a log, a snapshot or a token is written by a sink and read by a source. Ground
 * floor: knows nobody.
 */
@NullMarked
package io.tunabledb.engine.codec;

import org.jspecify.annotations.NullMarked;
