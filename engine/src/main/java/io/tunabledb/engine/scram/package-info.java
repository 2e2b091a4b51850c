/**
 * The SCRAM-SHA-256 exchange (RFC 5802, RFC 7677), both sides, as values in and values out: no socket, no catalog. A
 * password is known in two places only, where a user writes it and where a client begins an exchange; everything else
 * has a {@link io.tunabledb.engine.scram.Verifier}, from which neither it nor a login can be made.
 */
@NullMarked
package io.tunabledb.engine.scram;

import org.jspecify.annotations.NullMarked;
