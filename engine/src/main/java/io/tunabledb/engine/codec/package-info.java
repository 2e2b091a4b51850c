/**
 * One way to write bytes: what is in a log, a snapshot or a token is written by a sink and read by a source. Ground
 * floor: knows no other room.
 */
@NullMarked
package io.tunabledb.engine.codec;

import org.jspecify.annotations.NullMarked;
