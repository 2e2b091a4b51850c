package io.tunabledb.durability;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Where the files of a database's replicas are. */
final class Folders {
    private static final Pattern SNAPSHOT = Pattern.compile("snapshot\\.\\d+_(\\d+)");
    private static final Pattern SEGMENT = Pattern.compile("log_(?:inprogress_)?(\\d+)(?:-\\d+)?");

    private Folders() {}

    /** A replica's snapshots, oldest first. */
    static List<Path> snapshots(Path database, int node) throws IOException {
        return numbered(shard(database, node).resolve("sm"), SNAPSHOT);
    }

    /** A replica's log files, oldest first. */
    static List<Path> segments(Path database, int node) throws IOException {
        return numbered(shard(database, node).resolve("current"), SEGMENT);
    }

    /** The folder of a replica; of any, where a node has several. */
    static Path shard(Path database, int node) throws IOException {
        try (Stream<Path> content = Files.list(database.resolve("n" + node))) {
            return content.filter(path -> Files.isDirectory(path.resolve("current")))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static List<Path> numbered(Path folder, Pattern pattern) throws IOException {
        record Numbered(long number, Path path) {}
        List<Numbered> found = new ArrayList<>();
        try (Stream<Path> content = Files.list(folder)) {
            content.forEach(path -> {
                Matcher name = pattern.matcher(path.getFileName().toString());
                if (name.matches()) {
                    found.add(new Numbered(Long.parseLong(name.group(1)), path));
                }
            });
        }
        found.sort(Comparator.comparingLong(Numbered::number));
        return found.stream().map(Numbered::path).toList();
    }

    /** A database that is open, or was killed in this JVM a moment ago, may finish a snapshot meanwhile. */
    static void copy(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                return copied(directory);
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                return copied(file);
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                return gone(file, failure);
            }

            private FileVisitResult copied(Path path) throws IOException {
                try {
                    Files.copy(path, to.resolve(from.relativize(path).toString()));
                    return FileVisitResult.CONTINUE;
                } catch (NoSuchFileException e) {
                    return gone(path, e);
                }
            }

            private FileVisitResult gone(Path path, IOException failure) throws IOException {
                boolean isExpected = failure instanceof NoSuchFileException
                        && path.getFileName().toString().startsWith("snapshot.");
                if (!isExpected) {
                    throw failure;
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }

    static void delete(Path folder) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            try {
                deleteNow(folder);
                return;
            } catch (IOException | UncheckedIOException e) {
                // a replica that was killed may be ending a snapshot that nobody wants any more
                if (System.nanoTime() - deadline > 0) {
                    throw e;
                }
                Thread.onSpinWait();
            }
        }
    }

    private static void deleteNow(Path folder) throws IOException {
        List<Path> all = new ArrayList<>();
        try (Stream<Path> walked = Files.walk(folder)) {
            walked.forEach(all::add);
        }
        Collections.reverse(all);
        for (Path path : all) {
            Files.deleteIfExists(path);
        }
    }

    static long bytes(Path folder) throws IOException {
        long sum = 0;
        try (Stream<Path> walked = Files.walk(folder)) {
            for (Path path : walked.toList()) {
                // may be purged while we look
                sum += Files.isRegularFile(path) ? path.toFile().length() : 0;
            }
        } catch (UncheckedIOException e) {
            return bytes(folder);
        }
        return sum;
    }
}
