package io.tunabledb.examples.quickstart;

import java.sql.SQLException;
import java.util.SplittableRandom;

/**
 * Something the bank does over and over.
 *
 * @param name what people call it
 * @param level the level it asks for, for the report
 * @param office which clients do it
 * @param threads how many of them
 * @param body one execution
 */
record Operation(String name, String level, Office office, int threads, Body body) {

    /** Where a client sits. */
    enum Office {
        /** Next to all nodes: it must always be served, whatever happens to a minority. */
        CENTRE,
        /** Next to one node and through it to the others: cut off when that node is. */
        BRANCH
    }

    /** One execution of an operation. */
    interface Body {
        void run(Client client, SplittableRandom random) throws SQLException;
    }
}
