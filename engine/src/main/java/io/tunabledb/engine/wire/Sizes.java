package io.tunabledb.engine.wire;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import java.sql.SQLException;
import org.apache.ratis.thirdparty.io.grpc.Status;

/** What is said of messages that are too long. */
final class Sizes {
    private static final String ADVICE =
            "; ask for less at a time, or raise maxTransactionBytes, from which the bound comes";

    private Sizes() {}

    static SQLException question(String peer, int bytes, int bound) {
        return Errors.of(
                SqlState.OVER_LIMIT,
                "a message of " + bytes + " bytes to " + peer + " is over the bound of " + bound + " bytes" + ADVICE);
    }

    static Status answer(int node, int bytes, int bound) {
        return Status.RESOURCE_EXHAUSTED.withDescription(
                "the answer of n" + node + " has " + bytes + " bytes and is over the bound of " + bound + ADVICE);
    }
}
