package io.tunabledb.engine.execute.statement;

import io.tunabledb.engine.h2.sql.Isolation;
import io.tunabledb.engine.h2.sql.SqlErrors;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** H2's isolation levels, by the names of its SQL; the longest name that fits wins. */
final class Isolations {
    private static final Map<String, Integer> BY_NAME = new LinkedHashMap<>();

    static {
        BY_NAME.put("READ UNCOMMITTED", Connection.TRANSACTION_READ_UNCOMMITTED);
        BY_NAME.put("READ COMMITTED", Connection.TRANSACTION_READ_COMMITTED);
        BY_NAME.put("REPEATABLE READ", Connection.TRANSACTION_REPEATABLE_READ);
        BY_NAME.put("SNAPSHOT", Isolation.SNAPSHOT);
        BY_NAME.put("SERIALIZABLE", Connection.TRANSACTION_SERIALIZABLE);
    }

    private Isolations() {}

    static void require(int isolation) throws SQLException {
        if (!BY_NAME.containsValue(isolation)) {
            throw SqlErrors.invalidValue("isolation level", isolation);
        }
    }

    /** The level that {@code SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL …} names. */
    static int named(String text) throws SQLException {
        String upper = text.toUpperCase(Locale.ROOT).replaceAll("\\s+", " ").strip();
        return BY_NAME.entrySet().stream()
                .filter(level -> upper.endsWith(level.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow(() -> SqlErrors.invalidValue("isolation level", text));
    }
}
