package io.tunabledb.examples.script;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Callable;
import org.h2.util.ScriptReader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a script on a URL. Exit code 1 when a statement failed; the others after it are not run unless asked. */
@Command(
        name = "run",
        description = "Run an SQL script on a JDBC URL and show rows, counts and receipts.",
        mixinStandardHelpOptions = true)
public final class RunScript implements Callable<Integer> {
    @Parameters(index = "0", description = "For example jdbc:tunable:file:data/shop")
    private String url = "";

    @Parameters(index = "1", description = "The script's path, or - for standard input")
    private String script = "";

    @Option(
            names = "--max-rows",
            defaultValue = "100",
            description = "Rows shown of a result. Default: ${DEFAULT-VALUE}")
    private int maxRows = 100;

    @Option(names = "--keep-going", description = "Go on after a statement that failed.")
    private boolean keepGoing;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** Made by the command line, which fills in the options. */
    public RunScript() {}

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        try (Reader text = open();
                Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            ScriptReader statements = new ScriptReader(text);
            ScriptOutput output = new ScriptOutput(out, maxRows);
            int failed = 0;
            for (String sql = statements.readStatement(); sql != null; sql = statements.readStatement()) {
                if (!sql.isBlank() && !run(statement, sql.strip(), output)) {
                    failed++;
                    if (!keepGoing) {
                        break;
                    }
                }
            }
            return failed == 0 ? 0 : 1;
        } catch (NoSuchFileException e) {
            out.println("ERROR: there is no script " + Path.of(script).toAbsolutePath());
            return 1;
        } catch (SQLException e) {
            new ScriptOutput(out, maxRows).failed(e);
            return 1;
        }
    }

    private Reader open() throws IOException {
        return script.equals("-")
                ? new InputStreamReader(System.in, StandardCharsets.UTF_8)
                : Files.newBufferedReader(Path.of(script));
    }

    private static boolean run(Statement statement, String sql, ScriptOutput output) {
        output.statement(sql);
        try {
            boolean hasRows = statement.execute(sql);
            output.result(statement, hasRows);
            return true;
        } catch (SQLException e) {
            output.failed(e);
            return false;
        }
    }
}
