package io.tunabledb.engine.monitor;

import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every {@link SlaCell}, up to a limit; beyond it the tables are no longer told apart. */
final class SlaCells {
    private static final Logger LOG = LoggerFactory.getLogger(SlaCells.class);

    private final List<Consumer<SlaKey>> watchers = new CopyOnWriteArrayList<>();
    private final ConcurrentHashMap<SlaKey, SlaCell> cells = new ConcurrentHashMap<>();
    private final int limit;

    SlaCells(int limit) {
        this.limit = limit;
    }

    SlaCell at(SlaKey key) {
        SlaCell known = cells.get(key);
        if (known != null) {
            return known;
        }
        // who decided names tables and rules too; without both, what is left has a bound of its own
        SlaKey counted =
                cells.size() < limit ? key : new SlaKey(SlaKey.OTHERS, key.operation(), key.granted(), SlaKey.OTHERS);
        SlaCell fresh = new SlaCell(counted);
        SlaCell other = cells.putIfAbsent(counted, fresh);
        if (other != null) {
            return other;
        }
        watchers.forEach(watcher -> tell(watcher, counted));
        return fresh;
    }

    /** Tells of every key, now and later; of one that comes in between perhaps twice. */
    void watch(Consumer<SlaKey> watcher) {
        watchers.add(watcher);
        cells.keySet().forEach(key -> tell(watcher, key));
    }

    private static void tell(Consumer<SlaKey> watcher, SlaKey key) {
        try {
            watcher.accept(key);
        } catch (RuntimeException e) {
            // who watches must not fail the statement that is counted
            LOG.warn("watcher {} failed at {}", watcher, key, e);
        }
    }

    List<SlaFigures> figures() {
        return cells.values().stream()
                .map(SlaCell::figures)
                .sorted(Comparator.comparing(
                                (SlaFigures figures) -> figures.key().table())
                        .thenComparing(figures -> figures.key().operation())
                        .thenComparing(figures -> figures.key().granted())
                        .thenComparing(figures -> figures.key().decidedBy()))
                .toList();
    }
}
