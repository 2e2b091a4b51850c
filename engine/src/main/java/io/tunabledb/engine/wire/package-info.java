/**
 * Bytes between processes over gRPC: one question and its answer, and conversations, which are many in order. What the bytes
 * mean is nothing to it. The gRPC is the one inside Ratis, and nobody else here knows it but Ratis's own room. Embedded
 * databases never come here.
 */
@NullMarked
package io.tunabledb.engine.wire;

import org.jspecify.annotations.NullMarked;
