package io.tunabledb.engine.execute.statement;

/** A count of the changes of a session after which a decision made for a statement may no longer hold. */
final class DecisionVersion {
    private int number;

    int number() {
        return number;
    }

    void changed() {
        number++;
    }
}
