package io.tunabledb.examples.quickstart;

import java.sql.SQLException;
import java.util.SplittableRandom;

/**
 * Something the bank does over and over.
 *
 * @param name what people call it
 * @param userType who does it, which is what the rules look at
 * @param level the level the rules give it, for the report
 * @param office which clients do it
 * @param threads how many of them
 * @param body one execution
 */
record Operation(String name, String userType, String level, Office office, int threads, Body body) {

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

    /** The same by so many clients. */
    Operation times(int clients) {
        return new Operation(name, userType, level, office, clients, body);
    }
}
