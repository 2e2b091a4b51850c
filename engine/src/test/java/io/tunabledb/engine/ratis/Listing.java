package io.tunabledb.engine.ratis;

import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.ReplicaStateMachine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A state machine that keeps the list of the entries it applied, and says so when it is driven wrongly. */
final class Listing implements ReplicaStateMachine {
    /** Applying this entry throws, where {@link #breakOn} was called. */
    private volatile String poison = "";

    private final List<String> entries = new ArrayList<>();
    private final AtomicBoolean driven = new AtomicBoolean();
    private volatile LogPosition applied = LogPosition.ZERO;
    private volatile SnapshotFile latest;
    private volatile Path directory;

    final ConcurrentLinkedQueue<String> complaints = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<Object> handedBack = new ConcurrentLinkedQueue<>();
    final Set<Long> termsLed = ConcurrentHashMap.newKeySet();
    volatile boolean leads;
    volatile Throwable failure;
    final AtomicInteger restores = new AtomicInteger();

    @Override
    public void apply(LogPosition at, byte[] entry, Object held) {
        exclusively(() -> {
            String text = new String(entry, StandardCharsets.UTF_8);
            if (text.equals(poison)) {
                throw new IllegalStateException("poisoned by " + text);
            }
            step(at);
            synchronized (entries) {
                entries.add(text);
            }
            if (held != null) {
                handedBack.add(held);
                if (!held.equals("held " + text)) {
                    complaints.add("entry " + text + " came with " + held);
                }
            }
        });
    }

    @Override
    public void advanced(LogPosition at) {
        exclusively(() -> step(at));
    }

    private void step(LogPosition at) {
        if (at.index() != applied.index() + 1 || at.term() < applied.term()) {
            complaints.add("after " + applied + " came " + at);
        }
        applied = at;
    }

    @Override
    public void leadershipAcquired(long term) {
        exclusively(() -> {
            if (!termsLed.add(term) || term <= applied.term()) {
                complaints.add("acquired term " + term + " at " + applied);
            }
            leads = true;
        });
    }

    @Override
    public void leadershipLost() {
        leads = false;
    }

    @Override
    public LogPosition restore(Path from) throws IOException {
        if (!driven.compareAndSet(false, true)) {
            complaints.add("restored while driven");
        }
        try {
            directory = from;
            restores.incrementAndGet();
            List<Path> newestFirst;
            try (Stream<Path> files = Files.list(from)) {
                newestFirst = files.filter(file -> file.getFileName().toString().matches("snapshot\\.\\d+_\\d+"))
                        .sorted(Comparator.comparingLong(Listing::index).reversed())
                        .toList();
            }
            for (Path file : newestFirst) {
                List<String> lines = Files.readAllLines(file);
                if (lines.get(lines.size() - 1).equals("end")) {
                    return load(file, lines.subList(0, lines.size() - 1));
                }
            }
            synchronized (entries) {
                entries.clear();
            }
            latest = null;
            applied = LogPosition.ZERO;
            return applied;
        } finally {
            driven.set(false);
        }
    }

    private LogPosition load(Path file, List<String> lines) {
        synchronized (entries) {
            entries.clear();
            entries.addAll(lines);
        }
        String name = file.getFileName().toString();
        long term = Long.parseLong(name.substring(name.indexOf('.') + 1, name.indexOf('_')));
        applied = new LogPosition(term, index(file));
        latest = new SnapshotFile(applied, file);
        return applied;
    }

    private static long index(Path file) {
        String name = file.getFileName().toString();
        return Long.parseLong(name.substring(name.indexOf('_') + 1));
    }

    /** Writes a snapshot file of everything applied so far; the caller makes sure that nothing is being applied. */
    SnapshotFile snapshot() throws IOException {
        LogPosition at = applied;
        Path file = directory.resolve("snapshot." + at.term() + "_" + at.index());
        List<String> lines = new ArrayList<>(entries());
        lines.add("end");
        Files.write(file, lines);
        latest = new SnapshotFile(at, file);
        return latest;
    }

    @Override
    public SnapshotFile latestSnapshot() {
        return latest;
    }

    @Override
    public void failed(Throwable cause) {
        failure = cause;
    }

    void breakOn(String entry) {
        poison = entry;
    }

    LogPosition applied() {
        return applied;
    }

    List<String> entries() {
        synchronized (entries) {
            return List.copyOf(entries);
        }
    }

    int size() {
        synchronized (entries) {
            return entries.size();
        }
    }

    private void exclusively(Runnable step) {
        if (!driven.compareAndSet(false, true)) {
            complaints.add("driven by two threads at once");
        }
        try {
            step.run();
        } finally {
            driven.set(false);
        }
    }
}
