package io.tunabledb.examples.bench;

import io.tunabledb.examples.TextTable;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures what each level costs against plain embedded H2 in the same run, and prints the ratios. */
@Command(
        name = "bench",
        description = "Measure reads and writes at each level against plain embedded H2.",
        mixinStandardHelpOptions = true,
        subcommands = ShardCost.class)
public final class Bench implements Callable<Integer> {
    @Option(
            names = "--statements",
            split = ",",
            defaultValue = "pointRead,rangeRead,write,tenRowTransaction",
            description = "What is measured. Default: ${DEFAULT-VALUE}")
    private List<String> statements = List.of();

    @Option(
            names = "--levels",
            split = ",",
            defaultValue = "EVENTUAL,READ_UNCOMMITTED,BOUNDED_STALENESS (1 SECOND),MONOTONIC_READ,READ_YOUR_WRITE,"
                    + "SNAPSHOT,SEQUENTIAL,LINEARIZABLE",
            description = "At which levels. Default: all")
    private List<String> levels = List.of();

    @Option(names = "--threads", split = ",", defaultValue = "1,8", description = "Default: ${DEFAULT-VALUE}")
    private List<Integer> threads = List.of();

    @Option(names = "--forks", defaultValue = "1", description = "JVMs for each figure. Default: ${DEFAULT-VALUE}")
    private int forks = 1;

    @Option(names = "--iterations", defaultValue = "3", description = "Default: ${DEFAULT-VALUE}")
    private int iterations = 3;

    @Option(names = "--seconds", defaultValue = "2", description = "Of an iteration. Default: ${DEFAULT-VALUE}")
    private int seconds = 2;

    @Option(names = "--jvm-arg", description = "Given to the measured JVMs, for example a flight recording")
    private List<String> jvmArguments = new ArrayList<>();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** Made by the command line, which fills in the options. */
    public Bench() {}

    /** A rate of executions a second and the half-width of its 99.9 % confidence interval. */
    private record Rate(double perSecond, double error) {}

    @Override
    public Integer call() throws RunnerException {
        PrintWriter out = spec.commandLine().getOut();
        List<String> headings = new ArrayList<>(List.of("level"));
        Map<String, List<String>> ratios = new LinkedHashMap<>();
        for (String statement : statements) {
            for (int count : threads) {
                headings.add(statement + " x" + count);
                measure(statement, count, ratios, out);
            }
        }
        TextTable table = new TextTable(headings);
        ratios.forEach((level, cells) -> {
            List<String> row = new ArrayList<>(List.of(level));
            row.addAll(cells);
            table.row(row);
        });
        out.println();
        out.println("Rate at each level as a part of plain H2's (first line: executions a second):");
        out.println(table);
        return 0;
    }

    private void measure(String statement, int count, Map<String, List<String>> ratios, PrintWriter out)
            throws RunnerException {
        Rate raw = rate(statement, count, Target.RAW_H2);
        say(out, statement, count, Target.RAW_H2, raw, 1);
        cells(ratios, Target.RAW_H2).add(String.format(Locale.ROOT, "%,.0f", raw.perSecond));
        for (String level : levels) {
            Rate rate = rate(statement, count, level);
            double ratio = rate.perSecond / raw.perSecond;
            say(out, statement, count, level, rate, ratio);
            cells(ratios, level).add(String.format(Locale.ROOT, "%.3f", ratio));
        }
    }

    private static List<String> cells(Map<String, List<String>> ratios, String level) {
        return ratios.computeIfAbsent(level, any -> new ArrayList<>());
    }

    private static void say(PrintWriter out, String statement, int count, String level, Rate rate, double ratio) {
        out.printf(
                Locale.ROOT,
                "%-18s %d threads  %-30s %,12.0f/s +- %,.0f  %.3f%n",
                statement,
                count,
                level,
                rate.perSecond,
                rate.error,
                ratio);
    }

    private Rate rate(String statement, int count, String level) throws RunnerException {
        Result<?> result = new Runner(new OptionsBuilder()
                        .include("^" + Statements.class.getName().replace(".", "\\.") + "\\." + statement + "$")
                        .param("level", level)
                        .threads(count)
                        .forks(forks)
                        .warmupIterations(2)
                        .warmupTime(TimeValue.seconds(seconds))
                        .measurementIterations(iterations)
                        .measurementTime(TimeValue.seconds(seconds))
                        .jvmArgsAppend(jvmArguments.toArray(String[]::new))
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .runSingle()
                .getPrimaryResult();
        return new Rate(result.getScore(), result.getScoreError());
    }
}
