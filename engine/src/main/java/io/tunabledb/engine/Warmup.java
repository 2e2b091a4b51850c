package io.tunabledb.engine;

import io.tunabledb.sql.SqlParser;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Loads the parser while the first database of this JVM waits for its nodes: the first statement that is parsed costs
 * some hundred milliseconds of class loading, which would otherwise come after the wait instead of during it.
 */
final class Warmup {
    private static final AtomicBoolean BEGUN = new AtomicBoolean();
    private static final String TYPICAL =
            "SELECT A.X, COUNT(*) FROM T A JOIN U ON A.ID = U.ID WHERE A.ID = ? GROUP BY A.X WITH CONSISTENCY EVENTUAL;"
                    + "CREATE TABLE T(ID BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, X VARCHAR(9));"
                    + "INSERT INTO T(X) VALUES('x'); UPDATE T SET X = X + 1 WHERE ID = 1; DELETE FROM T";

    private Warmup() {}

    static void begin() {
        if (BEGUN.compareAndSet(false, true)) {
            Thread thread = new Thread(Warmup::parse, "tunabledb-warmup");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private static void parse() {
        var unused = SqlParser.parse(TYPICAL);
    }
}
