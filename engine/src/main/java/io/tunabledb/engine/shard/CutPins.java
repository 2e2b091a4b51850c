package io.tunabledb.engine.shard;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/** The readers that wait at one replica to be pinned at a cut, by its number. */
final class CutPins {
    private final Epochs epochs;
    private final TreeMap<Long, List<CutPin>> waiting = new TreeMap<>();

    CutPins(Epochs epochs) {
        this.epochs = epochs;
    }

    /**
     * Adds one; false when that cut has gone by here. The number must be exact: one that waited for whichever cut is next
     * would be pinned at different cuts where replicas lag.
     */
    synchronized boolean register(long cut, CutPin pin, BooleanSupplier isAlive) {
        if (epochs.epoch() >= cut || !isAlive.getAsBoolean()) {
            return false;
        }
        waiting.computeIfAbsent(cut, number -> new ArrayList<>(1)).add(pin);
        return true;
    }

    synchronized void withdraw(long cut, CutPin pin) {
        waiting.computeIfPresent(cut, (number, pins) -> {
            pins.remove(pin);
            return pins.isEmpty() ? null : pins;
        });
    }

    /** On the apply thread, at the entry that begins an epoch: pins its readers, and then the epoch shows. */
    synchronized void begin(long epoch, long index) {
        Iterator<Map.Entry<Long, List<CutPin>>> due =
                waiting.headMap(epoch, true).entrySet().iterator();
        while (due.hasNext()) {
            Map.Entry<Long, List<CutPin>> cut = due.next();
            for (CutPin pin : cut.getValue()) {
                if (cut.getKey() == epoch) {
                    pin.take(index);
                } else {
                    pin.fail(new IllegalStateException("cut " + cut.getKey() + " was left out here"));
                }
            }
            due.remove();
        }
        // in here, so that nobody registers for it between its pins and its beginning
        epochs.begin(epoch);
    }

    /** The replica stopped, or jumped over whatever cuts there were. */
    synchronized void fail(String why) {
        waiting.values().forEach(pins -> pins.forEach(pin -> pin.fail(new IllegalStateException(why))));
        waiting.clear();
    }
}
