package io.tunabledb.engine.ratis.statemachine;

import io.tunabledb.engine.log.LogPosition;
import org.apache.ratis.server.protocol.TermIndex;

/** Our indexes start at 1, Ratis's at 0. */
final class Positions {
    private Positions() {}

    static LogPosition ofRatis(long term, long index) {
        return new LogPosition(term, index + 1);
    }

    static TermIndex toRatis(LogPosition at) {
        return TermIndex.valueOf(at.term(), at.index() - 1);
    }
}
