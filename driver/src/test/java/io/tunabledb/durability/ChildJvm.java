package io.tunabledb.durability;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A JVM of its own that runs a main class of these tests; what it prints is read line by line. */
final class ChildJvm implements AutoCloseable {
    private static final String END = "\0end";

    private final Process process;
    private final Thread reader;
    private final List<String> errors = new ArrayList<>();
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    private ChildJvm(Process process, Consumer<String> listener) {
        this.process = process;
        reader = new Thread(() -> read(listener), "child-" + process.pid());
        reader.setDaemon(true);
        reader.start();
        Thread standardError = new Thread(this::readErrors, "child-errors-" + process.pid());
        standardError.setDaemon(true);
        standardError.start();
    }

    /**
     * Starts {@code main}.
     *
     * @param listener gets every complete line of its standard output, on one thread
     */
    static ChildJvm start(Class<?> main, List<String> options, List<String> arguments, Consumer<String> listener)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=error");
        command.add("-Dorg.slf4j.simpleLogger.log.org.apache.ratis=off");
        command.add("-cp");
        command.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        command.add(main.getName());
        command.addAll(arguments);
        return new ChildJvm(new ProcessBuilder(command).start(), listener);
    }

    private void read(Consumer<String> listener) {
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line;
            while ((line = in.readLine()) != null) {
                listener.accept(line);
                lines.add(line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            lines.add(END);
        }
    }

    private void readErrors() {
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
            String line;
            while ((line = in.readLine()) != null) {
                synchronized (errors) {
                    errors.add(line);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for a line that starts with {@code prefix}. */
    String await(String prefix, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            String line = lines.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (line == null || line.equals(END)) {
                throw new AssertionError("no line '" + prefix + "' from the child in " + patience
                        + (line == null ? "" : " before its end") + "; it said on standard error: " + errors());
            }
            if (line.startsWith(prefix)) {
                return line;
            }
        }
    }

    /** SIGKILL; returns when the process is gone and all it printed was read. */
    void kill() throws InterruptedException {
        // the process's own method would also close its output, and what is still to be read there would be lost
        process.toHandle().destroyForcibly();
        process.waitFor();
        reader.join();
    }

    /** SIGSTOP, and SIGCONT when the time is over. */
    void pause(Duration time) throws IOException, InterruptedException {
        signal("-STOP");
        Thread.sleep(time.toMillis());
        signal("-CONT");
    }

    private void signal(String which) throws IOException, InterruptedException {
        int failed = new ProcessBuilder("kill", which, Long.toString(process.pid()))
                .start()
                .waitFor();
        if (failed != 0) {
            throw new IOException("kill " + which + " ended with " + failed);
        }
    }

    /** Writes a line to its standard input. */
    void say(String line) throws IOException {
        process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    /** Ends its standard input. */
    void endInput() throws IOException {
        process.getOutputStream().close();
    }

    /** Waits for its own end. */
    int awaitExit(Duration patience) throws InterruptedException {
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("the child did not end in " + patience + "; it said: " + errors());
        }
        reader.join();
        return process.exitValue();
    }

    long pid() {
        return process.pid();
    }

    String errors() {
        synchronized (errors) {
            return String.join("\n", errors.subList(0, Math.min(60, errors.size())));
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
