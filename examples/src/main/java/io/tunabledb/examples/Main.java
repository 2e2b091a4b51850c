package io.tunabledb.examples;

import io.tunabledb.examples.bench.Bench;
import io.tunabledb.examples.quickstart.Quickstart;
import io.tunabledb.examples.script.RunScript;
import io.tunabledb.examples.shell.Shell;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The one door to the examples. Exit codes: 0 done, 1 something was wrong, 2 the command line was not understood. */
@Command(
        name = "tunabledb",
        description = "One SQL database, a consistency level per statement.",
        mixinStandardHelpOptions = true,
        subcommands = {Quickstart.class, RunScript.class, Shell.class, Bench.class})
public final class Main {

    private Main() {}

    /** Runs one command and ends the JVM with its exit code. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new Main()).execute(args));
    }

    /** Runs one command that writes to {@code out}; for tests. */
    static int run(PrintWriter out, String... args) {
        return new CommandLine(new Main()).setOut(out).setErr(out).execute(args);
    }
}
