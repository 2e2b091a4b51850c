package io.tunabledb.examples.quickstart;

import io.tunabledb.examples.quickstart.Operation.Office;
import java.sql.SQLException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Everything the bank does, checking the promise where one execution can. Levels come from bank-rules.sql. */
final class Operations {
    private static final int HOT_POSTS = 10;
    private static final int IMPORT_ROWS = 200;
    private static final String IMPORT = "import";

    private static final int EDITOR = 1;

    private final AtomicLong newestSeen = new AtomicLong();
    private final AtomicLong inFlightSeen = new AtomicLong();

    final Operation like =
            centre("like a post", "visitor", "EVENTUAL", Operations::likePost).times(2);
    final Operation view = centre("count a page view", "visitor", "EVENTUAL", Operations::countView);
    final Operation branchLike = branch("like a post", "visitor", "EVENTUAL", Operations::likePost);
    final Operation branchView = branch("count a page view", "visitor", "EVENTUAL", Operations::countView);
    final Operation branchBalance = branch("read a balance", "teller", "LINEARIZABLE", Operations::readBalance);
    final Operation branchDashboard =
            branch("dashboard", "manager", "BOUNDED_STALENESS 1 s", Operations::showDashboard);
    final Operation branchLikes = branch("read like counts", "visitor", "EVENTUAL", Operations::readLikes);

    List<Operation> all() {
        return List.of(
                centre("transfer money", "teller", "LINEARIZABLE", Operations::transfer)
                        .times(2),
                centre("read a balance", "teller", "LINEARIZABLE", Operations::readBalance),
                centre("write a post, read it", "author", "SEQUENTIAL", Operations::post),
                centre("report", "auditor", "SNAPSHOT", Operations::report),
                centre("edit profile, read it", "member", "READ_YOUR_WRITE", Operations::editProfile),
                centre("newest in the feed", "member", "MONOTONIC_READ", this::readFeed),
                centre("dashboard", "manager", "BOUNDED_STALENESS 1 s", Operations::showDashboard),
                like,
                view,
                centre("read like counts", "visitor", "EVENTUAL", Operations::readLikes),
                centre("import metrics", "importer", "SEQUENTIAL", Operations::importMetrics),
                centre("progress of the import", "importer", "READ_UNCOMMITTED", this::readProgress),
                branchBalance,
                branchDashboard,
                branch("like counts, exact if quick", "moderator", "LINEARIZABLE ELSE EVENTUAL", Operations::readLikes),
                branchLikes,
                branchLike,
                branchView);
    }

    /** How often a reader of the import saw rows that were not committed yet. */
    long inFlightSeen() {
        return inFlightSeen.get();
    }

    private static Operation centre(String name, String userType, String level, Operation.Body body) {
        return new Operation(name, userType, level, Office.CENTRE, 1, body);
    }

    private static Operation branch(String name, String userType, String level, Operation.Body body) {
        return new Operation(name, userType, level, Office.BRANCH, 1, body);
    }

    private static void transfer(Client client, SplittableRandom random) throws SQLException {
        int from = 1 + random.nextInt(Bank.ACCOUNTS);
        int to = 1 + (from + random.nextInt(Bank.ACCOUNTS - 1)) % Bank.ACCOUNTS;
        int amount = 1 + random.nextInt(50);
        client.atomically(() -> {
            int taken = client.update(
                    "UPDATE accounts SET balance = balance - ? WHERE id = ? AND balance >= ?", amount, from, amount);
            if (taken == 1) {
                client.update("UPDATE accounts SET balance = balance + ? WHERE id = ?", amount, to);
            }
        });
    }

    private static void readBalance(Client client, SplittableRandom random) throws SQLException {
        long balance = client.number("SELECT balance FROM accounts WHERE id = ?", 1 + random.nextInt(Bank.ACCOUNTS));
        require(balance >= 0, "an account holds " + balance);
    }

    private static void post(Client client, SplittableRandom random) throws SQLException {
        String body = "at " + System.nanoTime();
        client.update("INSERT INTO posts(author, body) VALUES (?, ?)", 1 + random.nextInt(Bank.USERS), body);
        long mine = client.number("SELECT COUNT(*) FROM posts WHERE id > ? AND body = ?", Bank.POSTS, body);
        require(mine == 1, "SEQUENTIAL found the post just written " + mine + " times");
    }

    private static void report(Client client, SplittableRandom random) throws SQLException {
        client.connection().setReadOnly(true);
        client.atomically(() -> {
            long total = client.number("SELECT SUM(balance) FROM accounts");
            require(total == Bank.TOTAL, "SNAPSHOT saw a total of " + total + ", not " + Bank.TOTAL);
            String before = client.text("SELECT MAX(id) FROM posts");
            String after = client.text("SELECT MAX(id) FROM posts");
            require(before.equals(after), "one SNAPSHOT transaction saw post " + before + " and then " + after);
        });
    }

    private static void editProfile(Client client, SplittableRandom random) throws SQLException {
        String bio = "likes the number " + random.nextInt();
        client.update("UPDATE users SET bio = ? WHERE id = ?", bio, EDITOR);
        String read = client.text("SELECT bio FROM users WHERE id = ?", EDITOR);
        require(read.equals(bio), "READ_YOUR_WRITE wrote '" + bio + "' and read '" + read + "'");
    }

    private void readFeed(Client client, SplittableRandom random) throws SQLException {
        long newest = client.number("SELECT MAX(id) FROM posts");
        long before = newestSeen.getAndSet(newest);
        require(newest >= before, "MONOTONIC_READ went back from post " + before + " to " + newest);
    }

    private static void showDashboard(Client client, SplittableRandom random) throws SQLException {
        client.text("SELECT AVG(amount) FROM metrics WHERE name = 'logins'");
    }

    private static void likePost(Client client, SplittableRandom random) throws SQLException {
        client.update("UPDATE posts SET likes = likes + 1 WHERE id = ?", 1 + random.nextInt(HOT_POSTS));
    }

    private static void readLikes(Client client, SplittableRandom random) throws SQLException {
        client.number("SELECT likes FROM posts WHERE id = ?", 1 + random.nextInt(HOT_POSTS));
    }

    private static void countView(Client client, SplittableRandom random) throws SQLException {
        client.update("UPDATE page_views SET views = views + 1 WHERE page = ?", 1 + random.nextInt(Bank.PAGES));
    }

    private static void importMetrics(Client client, SplittableRandom random) throws SQLException {
        client.atomically(() -> {
            client.update("DELETE FROM metrics WHERE name = ?", IMPORT);
            for (int i = 0; i < IMPORT_ROWS; i++) {
                client.update(
                        "INSERT INTO metrics(name, noted, amount) VALUES (?, NOW(), ?)", IMPORT, random.nextDouble());
            }
        });
    }

    private void readProgress(Client client, SplittableRandom random) throws SQLException {
        long rows = client.number("SELECT COUNT(*) FROM metrics WHERE name = ?", IMPORT);
        require(rows <= 2 * IMPORT_ROWS, "the import has " + rows + " rows");
        if (rows % IMPORT_ROWS != 0) {
            inFlightSeen.incrementAndGet();
        }
    }

    private static void require(boolean kept, String otherwise) {
        if (!kept) {
            throw new BrokenPromiseException(otherwise);
        }
    }
}
