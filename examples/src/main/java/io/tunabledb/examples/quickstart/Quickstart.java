package io.tunabledb.examples.quickstart;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.jdbc.TunableConnection;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Runs a small social bank at every consistency level while its network is hurt, checks what was promised, and runs
 * reports over a public data set against plain H2. Exit code 1 when anything was not as promised.
 */
@Command(
        name = "quickstart",
        description = "Run a small social bank at every consistency level, cut its network, check every promise.",
        mixinStandardHelpOptions = true)
public final class Quickstart implements Callable<Integer> {
    /** The outage is half of it, and must outlast the dashboard's bound and the branch's patience, a second each. */
    private static final int SHORTEST_SECONDS = 6;

    /** Whoever is not cut off is served in the end, however busy the machine. */
    static final String PATIENT = "?consistencyTimeout=20000";

    private static final String RULES = "&rules=classpath:bank-rules.sql";

    @Parameters(
            index = "0",
            arity = "0..1",
            defaultValue = "data/quickstart",
            description = "Where the database lives; kept between runs. Default: ${DEFAULT-VALUE}")
    private Path directory = Path.of("data/quickstart");

    @Option(
            names = "--seconds",
            defaultValue = "12",
            description = "How long the bank works, at least 6. Default: ${DEFAULT-VALUE}")
    private int seconds = 12;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** Made by the command line, which fills in the options. */
    public Quickstart() {}

    @Override
    public Integer call() throws SQLException, InterruptedException {
        if (seconds < SHORTEST_SECONDS) {
            throw new ParameterException(spec.commandLine(), "--seconds must be at least " + SHORTEST_SECONDS);
        }
        Console console = new Console(spec.commandLine().getOut());
        String url = "jdbc:tunable:file:" + directory;
        List<String> wrong = new ArrayList<>();
        console.say("opening %s", url);
        try (Connection connection = DriverManager.getConnection(url + PATIENT + RULES)) {
            console.say("three replicas answer; n%d leads", cluster(connection).leader());
            wrong.addAll(bank(url, connection, console));
            wrong.addAll(new Chinook(connection, console).run());
            wrong.addAll(checkReplicas(connection, console));
        }
        console.print("");
        wrong.forEach(problem -> console.print("WRONG: " + problem));
        console.say(wrong.isEmpty() ? "every promise was kept" : wrong.size() + " things were wrong");
        return wrong.isEmpty() ? 0 : 1;
    }

    private static EmbeddedCluster cluster(Connection connection) throws SQLException {
        return connection.unwrap(TunableConnection.class).cluster();
    }

    private List<String> bank(String url, Connection connection, Console console)
            throws SQLException, InterruptedException {
        Bank.createTables(connection);
        int loaded = Bank.load(connection);
        Bank.awaitReplicas(connection);
        console.say(loaded == 0 ? "the bank is there from an earlier run" : "created the bank, " + loaded + " rows");
        List<String> wrong = new ArrayList<>();
        long rejectedBefore = Bank.awaitOutboxes(connection);
        long likesBefore = Bank.likes(connection);
        long viewsBefore = Bank.views(connection);
        Operations operations = new Operations();
        Traffic traffic = new Traffic(url, cluster(connection), operations.all(), console);
        wrong.addAll(traffic.run(Duration.ofSeconds(seconds)));
        new TrafficReport(traffic.tallies()).print(console);
        console.print("");
        console.say("progress readers saw uncommitted work %,d times", operations.inFlightSeen());

        long rejected = Bank.awaitOutboxes(connection) - rejectedBefore;
        if (rejected != 0) {
            wrong.add(rejected + " clicks were rejected when their turn came");
        }
        long total = Bank.total(connection);
        console.say("the accounts hold %,d together; they began with %,d", total, Bank.TOTAL);
        if (total != Bank.TOTAL) {
            wrong.add("the accounts hold " + total + " together, not " + Bank.TOTAL);
        }
        counted(
                "likes",
                Bank.likes(connection) - likesBefore,
                console,
                wrong,
                traffic.tally(operations.like),
                traffic.tally(operations.branchLike));
        counted(
                "page views",
                Bank.views(connection) - viewsBefore,
                console,
                wrong,
                traffic.tally(operations.view),
                traffic.tally(operations.branchView));
        wrong.addAll(new SlaReport(connection).print(console));
        if (wrong.isEmpty()) {
            wrong.addAll(refusalsMissing(operations, traffic));
        }
        return wrong;
    }

    /** Every acknowledged click is counted once; one whose outcome was not known may be. */
    private static void counted(String what, long found, Console console, List<String> wrong, Tally... tallies) {
        long acknowledged = 0;
        long unknown = 0;
        for (Tally tally : tallies) {
            acknowledged += tally.count();
            unknown += tally.refusals(SqlState.OUTCOME_UNKNOWN.code());
        }
        console.say(
                "%,d %s were acknowledged%s, %,d are counted",
                acknowledged, what, unknown == 0 ? "" : " (and " + unknown + " with unknown outcome)", found);
        if (found < acknowledged || found > acknowledged + unknown) {
            wrong.add(what + ": " + acknowledged + " acknowledged, " + unknown + " unknown, " + found + " counted");
        }
    }

    /** A node that is cut off must refuse what it can't promise, and serve what it can. */
    private static List<String> refusalsMissing(Operations operations, Traffic traffic) {
        List<String> wrong = new ArrayList<>();
        if (traffic.tally(operations.branchBalance).refusals(SqlState.NO_MAJORITY.code()) == 0) {
            wrong.add("the cut-off branch was never refused a LINEARIZABLE read with TC002");
        }
        if (traffic.tally(operations.branchDashboard).refusals(SqlState.LEVEL_NOT_MET.code()) == 0) {
            wrong.add("the cut-off branch was never refused a BOUNDED_STALENESS read with TC001");
        }
        for (Operation weak : List.of(operations.branchLikes, operations.branchLike, operations.branchView)) {
            if (!traffic.tally(weak).refusals().isEmpty()) {
                wrong.add("the cut-off branch was refused at EVENTUAL: " + weak.name());
            }
        }
        return wrong;
    }

    private static List<String> checkReplicas(Connection connection, Console console) throws SQLException {
        List<String> wrong = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("CHECK REPLICAS")) {
            while (rows.next()) {
                String replica = rows.getString("REPLICA");
                String hash = rows.getString("HASH");
                console.say("CHECK REPLICAS: %s %s", replica, hash == null ? "did not answer" : hash);
                if (!rows.getBoolean("SAME")) {
                    wrong.add("the rows of " + replica + " hash to " + hash + ", not to what the leader's do");
                }
            }
        }
        return wrong;
    }
}
