package io.tunabledb.durability;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a process holds: all that may leak.
 *
 * @param heap bytes in use after a collection
 * @param direct bytes of buffers outside the heap
 * @param handles files and sockets that are open
 * @param files in the database's folder
 * @param bytes they have together
 */
record Figures(long heap, long direct, int threads, long handles, long files, long bytes) {

    /** Of this process, and the folder of its database, if it has one. */
    static Figures now(@Nullable Path folder) throws IOException {
        for (int i = 0; i < 2; i++) {
            // what reference handlers let go of goes with the next
            System.gc();
        }
        Runtime runtime = Runtime.getRuntime();
        long files = 0;
        long bytes = 0;
        if (folder != null) {
            try (Stream<Path> all = Files.walk(folder)) {
                files = all.count();
            } catch (java.io.UncheckedIOException e) {
                // a file went while it was looked at
                return now(folder);
            }
            bytes = Folders.bytes(folder);
        }
        return new Figures(
                runtime.totalMemory() - runtime.freeMemory(),
                ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                        .mapToLong(BufferPoolMXBean::getMemoryUsed)
                        .sum(),
                ManagementFactory.getThreadMXBean().getThreadCount(),
                ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                        ? unix.getOpenFileDescriptorCount()
                        : 0,
                files,
                bytes);
    }

    /** As {@link #toString} wrote it. */
    static Figures parse(String text) {
        String[] parts = text.split(" ", -1);
        return new Figures(
                Long.parseLong(parts[0]),
                Long.parseLong(parts[1]),
                Integer.parseInt(parts[2]),
                Long.parseLong(parts[3]),
                Long.parseLong(parts[4]),
                Long.parseLong(parts[5]));
    }

    @Override
    public String toString() {
        return heap + " " + direct + " " + threads + " " + handles + " " + files + " " + bytes;
    }
}
