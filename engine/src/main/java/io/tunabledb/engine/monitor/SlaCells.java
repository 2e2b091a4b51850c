package io.tunabledb.engine.monitor;

import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/** Every {@link SlaCell}, up to a limit; beyond it the tables are no longer told apart. */
final class SlaCells {
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
        return cells.computeIfAbsent(counted, SlaCell::new);
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
