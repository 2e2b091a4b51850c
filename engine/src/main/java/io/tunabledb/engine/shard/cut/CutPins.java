package io.tunabledb.engine.shard.cut;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** The readers that wait at one replica to be pinned at a cut, by its number. */
public final class CutPins {
    private final Epochs epochs;
    private final Supplier<Map<String, String>> settings;
    private final TreeMap<Long, List<CutPin>> waiting = new TreeMap<>();

    /**
     * @param settings the replica's, as of the last entry applied
     */
    public CutPins(Epochs epochs, Supplier<Map<String, String>> settings) {
        this.epochs = epochs;
        this.settings = settings;
    }

    /**
     * Adds one; false when that cut has gone by here. The number must be exact: one that waited for whichever cut is next
     * would be pinned at different cuts where replicas lag.
     */
    public synchronized boolean register(long cut, CutPin pin, BooleanSupplier isAlive) {
        if (epochs.epoch() >= cut || !isAlive.getAsBoolean()) {
            return false;
        }
        waiting.computeIfAbsent(cut, number -> new ArrayList<>(1)).add(pin);
        return true;
    }

    public synchronized void withdraw(long cut, CutPin pin) {
        waiting.computeIfPresent(cut, (number, pins) -> {
            pins.remove(pin);
            return pins.isEmpty() ? null : pins;
        });
    }

    /** On the apply thread, at the entry that begins an epoch: pins its readers, and then the epoch shows. */
    public synchronized void begin(long epoch, long index) {
        Iterator<Map.Entry<Long, List<CutPin>>> due =
                waiting.headMap(epoch, true).entrySet().iterator();
        while (due.hasNext()) {
            Map.Entry<Long, List<CutPin>> cut = due.next();
            for (CutPin pin : cut.getValue()) {
                if (cut.getKey() == epoch) {
                    pin.take(index, settings.get());
                } else {
                    pin.fail(new IllegalStateException("cut " + cut.getKey() + " was left out here"));
                }
            }
            due.remove();
        }
        // in here, so that no reader registers for it between its pins and its beginning
        epochs.begin(epoch);
    }

    /** The replica stopped, or jumped over whatever cuts there were. */
    public synchronized void fail(String why) {
        waiting.values().forEach(pins -> pins.forEach(pin -> pin.fail(new IllegalStateException(why))));
        waiting.clear();
    }
}
