package io.tunabledb.sql.parser;

import org.antlr.v4.runtime.atn.ATN;
import org.antlr.v4.runtime.misc.IntervalSet;

/** The keywords that may be names, read from the grammar itself. */
final class NonReserved {
    private static final IntervalSet TYPES = types();

    private NonReserved() {}

    static boolean contains(int type) {
        return TYPES.contains(type);
    }

    private static IntervalSet types() {
        ATN atn = TunableSqlParser._ATN;
        return atn.nextTokens(atn.ruleToStartState[TunableSqlParser.RULE_nonReserved]);
    }
}
