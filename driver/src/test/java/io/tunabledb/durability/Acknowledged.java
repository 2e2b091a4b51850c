package io.tunabledb.durability;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What a {@link Victim} said it had tried and was told was done, over all its lives; and whether a database agrees. */
final class Acknowledged {
    private final Map<String, Set<Long>> tried = new HashMap<>();
    private final Map<String, Set<Long>> acknowledged = new HashMap<>();
    private final Map<Integer, long[]> counts = new HashMap<>();
    private final Map<Long, Long> tickets = new HashMap<>();
    private final Map<String, String> definitions = new HashMap<>();
    private final Map<String, String> definitionsTried = new HashMap<>();
    private String failure = "";

    synchronized void line(String line) {
        if (!line.endsWith(";")) {
            // torn by the kill: was not said
            return;
        }
        String[] words = line.substring(0, line.length() - 1).split(" ", -1);
        boolean done = words[0].equals("ACK");
        if (words[0].equals("FAILED")) {
            failure = line;
        }
        if (!done && !words[0].equals("TRY")) {
            return;
        }
        switch (words[1]) {
            case "COUNT" -> counts.computeIfAbsent(Integer.valueOf(words[2]), any -> new long[2])[done ? 1 : 0]++;
            case "CREATE", "GROW", "DROP" -> (done ? definitions : definitionsTried).put(words[2], words[1]);
            default -> {
                (done ? acknowledged : tried)
                        .computeIfAbsent(words[1], any -> new HashSet<>())
                        .add(Long.valueOf(words[2]));
                if (done && words[1].equals("TICKET")) {
                    Long before = tickets.put(Long.valueOf(words[3]), Long.valueOf(words[2]));
                    if (before != null) {
                        failure = "identity " + words[3] + " was given twice: to " + before + " and " + words[2];
                    }
                }
            }
        }
    }

    synchronized long size() {
        return acknowledged.values().stream().mapToLong(Set::size).sum()
                + counts.values().stream().mapToLong(count -> count[1]).sum()
                + definitions.size();
    }

    synchronized void check(Connection connection, String when) throws SQLException {
        assertThat(failure).as(when).isEmpty();
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET CONSISTENCY = LINEARIZABLE");
            ids(statement, "EVENT", "SELECT ID FROM EVENTS", when);
            ids(statement, "LOOSE", "SELECT MARK FROM LOOSE", when);
            ids(statement, "TICKET", "SELECT MARK FROM TICKETS", when);
            ids(statement, "TRANSFER", "SELECT ID FROM TRANSFERS", when);
            tickets(statement, when);
            counters(statement, when);
            balances(statement, when);
            definitions(statement, when);
            replicas(statement, when);
        }
    }

    private void ids(Statement statement, String kind, String sql, String when) throws SQLException {
        Set<Long> found = new HashSet<>();
        try (ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                assertThat(found.add(rows.getLong(1)))
                        .as("%s: %s %d is there once", when, kind, rows.getLong(1))
                        .isTrue();
            }
        }
        Set<Long> lost = new TreeSet<>(acknowledged.getOrDefault(kind, Set.of()));
        lost.removeAll(found);
        assertThat(lost).as("%s: acknowledged and lost: %s", when, kind).isEmpty();
        found.removeAll(tried.getOrDefault(kind, Set.of()));
        assertThat(found)
                .as("%s: never asked for or rolled back: %s", when, kind)
                .isEmpty();
    }

    private void tickets(Statement statement, String when) throws SQLException {
        Map<Long, Long> found = new HashMap<>();
        try (ResultSet rows = statement.executeQuery("SELECT ID, MARK FROM TICKETS")) {
            while (rows.next()) {
                found.put(rows.getLong(1), rows.getLong(2));
            }
        }
        assertThat(found).as("%s: the identities that were given", when).containsAllEntriesOf(tickets);
    }

    private void counters(Statement statement, String when) throws SQLException {
        try (ResultSet rows = statement.executeQuery("SELECT ID, N FROM COUNTERS")) {
            while (rows.next()) {
                long[] count = counts.getOrDefault(rows.getInt(1), new long[2]);
                assertThat(rows.getLong(2))
                        .as("%s: counter %d", when, rows.getInt(1))
                        .isBetween(count[1], count[0]);
            }
        }
    }

    private static void balances(Statement statement, String when) throws SQLException {
        try (ResultSet rows = statement.executeQuery("SELECT A.ID, A.BALANCE, " + Victim.BALANCE
                + " + COALESCE((SELECT SUM(AMOUNT) FROM TRANSFERS WHERE CREDIT = A.ID), 0)"
                + " - COALESCE((SELECT SUM(AMOUNT) FROM TRANSFERS WHERE DEBIT = A.ID), 0) FROM ACCOUNTS A")) {
            int count = 0;
            long total = 0;
            while (rows.next()) {
                count++;
                total += rows.getLong(2);
                assertThat(rows.getLong(2))
                        .as("%s: account %d has what its transfers say", when, rows.getInt(1))
                        .isEqualTo(rows.getLong(3));
            }
            assertThat(total).as("%s: the total", when).isEqualTo((long) count * Victim.BALANCE);
        }
    }

    private void definitions(Statement statement, String when) throws SQLException {
        Map<String, Integer> columns = new HashMap<>();
        try (ResultSet rows = statement.executeQuery("SELECT TABLE_NAME, COUNT(*) FROM INFORMATION_SCHEMA.COLUMNS"
                + " WHERE TABLE_NAME REGEXP '^D[0-9]+$' GROUP BY TABLE_NAME")) {
            while (rows.next()) {
                columns.put(rows.getString(1), rows.getInt(2));
            }
        }
        definitionsTried.forEach((table, tried) -> {
            int found = columns.getOrDefault(table, 0);
            String done = definitions.get(table);
            assertThat(found)
                    .as("%s: columns of %s, last tried %s, last acknowledged %s", when, table, tried, done)
                    .isIn(columnsAfter(tried), done == null ? 0 : columnsAfter(done));
        });
    }

    private static int columnsAfter(String definition) {
        return switch (definition) {
            case "CREATE" -> 1;
            case "GROW" -> 2;
            default -> 0;
        };
    }

    static void replicas(Statement statement, String when) throws SQLException {
        Set<String> hashes = new HashSet<>();
        int replicas = 0;
        try (ResultSet rows = statement.executeQuery("CHECK REPLICAS")) {
            while (rows.next()) {
                replicas++;
                hashes.add(String.valueOf(rows.getString("HASH")));
            }
        }
        assertThat(replicas).as(when).isEqualTo(3);
        assertThat(hashes).as("%s: one hash on all replicas", when).hasSize(1).doesNotContain("null");
    }
}
