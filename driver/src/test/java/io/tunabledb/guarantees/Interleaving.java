package io.tunabledb.guarantees;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A few transactions whose steps are begun in a given order. A step that waits for another's lock is passed over until
 * it has it; one that fails ends its transaction.
 */
final class Interleaving implements AutoCloseable {
    /** A step that takes longer waits for a lock. The verdict does not depend on it: then the next begins beside it. */
    private static final long LONGEST_STEP_MS = 100;

    private final List<Transaction> transactions = new ArrayList<>();
    private final List<String> waited = new ArrayList<>();
    private String rows = "";

    /** One client's transaction. Its fields are written by its own thread and read when that is done. */
    private static final class Transaction {
        final Client client;
        final ExecutorService thread = Executors.newSingleThreadExecutor();
        final Map<Integer, String> reads = new HashMap<>();
        CompletableFuture<Void> last = CompletableFuture.completedFuture(null);
        SQLException failure;
        boolean committed;

        Transaction(Client client) {
            this.client = client;
        }
    }

    Interleaving(List<Client> clients) {
        clients.forEach(client -> transactions.add(new Transaction(client)));
    }

    /** Takes the steps, and waits for all of them. */
    void run(List<String> steps) throws Exception {
        for (int i = 0; i < steps.size(); i++) {
            int number = i;
            String step = steps.get(i);
            Transaction transaction = transactions.get(step.charAt(0) - '1');
            transaction.last =
                    CompletableFuture.runAsync(() -> take(transaction, number, step.substring(2)), transaction.thread);
            try {
                transaction.last.get(LONGEST_STEP_MS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                // it waits for a lock that a later step gives back
                waited.add(step);
            }
        }
        for (Transaction transaction : transactions) {
            transaction.last.get(20, TimeUnit.SECONDS);
            transaction.client.rollback();
        }
    }

    private static void take(Transaction transaction, int number, String what) {
        if (transaction.failure != null) {
            return;
        }
        try {
            switch (what) {
                case "COMMIT" -> {
                    transaction.client.commit();
                    transaction.committed = true;
                }
                case "ROLLBACK" -> transaction.client.rollback();
                default -> execute(transaction, number, what);
            }
        } catch (SQLException e) {
            transaction.failure = e;
            try {
                transaction.client.rollback();
            } catch (SQLException again) {
                e.addSuppressed(again);
            }
        }
    }

    private static void execute(Transaction transaction, int number, String sql) throws SQLException {
        try (Statement statement = transaction.client.connection().createStatement()) {
            if (statement.execute(sql)) {
                transaction.reads.put(number, values(statement.getResultSet()));
            }
        }
    }

    /** The values of the first column, with commas between them. */
    static String values(ResultSet rows) throws SQLException {
        List<String> values = new ArrayList<>();
        while (rows.next()) {
            values.add(rows.getString(1));
        }
        return String.join(",", values);
    }

    /** What the table holds at the end. */
    void rows(String found) {
        rows = found;
    }

    String rows() {
        return rows;
    }

    /** Whether the client's transaction, from 1, was committed. */
    boolean committed(int client) {
        return transactions.get(client - 1).committed;
    }

    /** What the client's queries gave, in order. */
    List<String> reads(int client) {
        return transactions.get(client - 1).reads.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(Map.Entry::getValue)
                .toList();
    }

    /** Whether any query gave just this. */
    boolean read(String values) {
        return transactions.stream().anyMatch(transaction -> transaction.reads.containsValue(values));
    }

    /** Why transactions failed. */
    List<String> failures() {
        return transactions.stream()
                .filter(transaction -> transaction.failure != null)
                .map(transaction -> transaction.failure.getSQLState())
                .toList();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("rows " + rows + "; waited " + waited);
        for (int client = 1; client <= transactions.size(); client++) {
            SQLException failure = transactions.get(client - 1).failure;
            text.append("; ").append(client).append(committed(client) ? " committed" : " not committed");
            text.append(" read ").append(reads(client));
            if (failure != null) {
                text.append(" failed with ").append(failure.getSQLState()).append(' ');
                text.append(failure.getMessage());
            }
        }
        return text.toString();
    }

    @Override
    public void close() throws SQLException {
        for (Transaction transaction : transactions) {
            transaction.thread.shutdownNow();
            transaction.client.close();
        }
    }
}
