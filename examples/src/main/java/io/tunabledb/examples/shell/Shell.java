package io.tunabledb.examples.shell;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import sqlline.SqlLine;

/** Opens sqlline on a URL. Exit code 1 when its last statement failed. */
@Command(
        name = "shell",
        description = "SQL by hand on a JDBC URL, with a receipt after every statement. !help says what else it does.",
        mixinStandardHelpOptions = true)
public final class Shell implements Callable<Integer> {
    @Parameters(index = "0", description = "For example jdbc:tunable:file:data/shop")
    private String url = "";

    /** Made by the command line, which fills in the parameters. */
    public Shell() {}

    @Override
    public Integer call() throws IOException, SQLException {
        return run(url, System.in, System.out, true);
    }

    static int run(String url, InputStream in, OutputStream out, boolean history) throws IOException, SQLException {
        LastConnection.register();
        SqlLine shell = new SqlLine();
        PrintStream text = new PrintStream(out, true, StandardCharsets.UTF_8);
        shell.setOutputStream(text);
        shell.setErrorStream(text);
        String[] arguments = {"-ac", ShellApplication.class.getName(), "-u", url, "-n", "", "-p", ""};
        return shell.begin(arguments, in, history) == SqlLine.Status.OK ? 0 : 1;
    }
}
