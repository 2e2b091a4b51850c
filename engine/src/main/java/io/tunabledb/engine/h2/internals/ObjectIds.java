package io.tunabledb.engine.h2.internals;

import java.util.BitSet;
import java.util.Objects;
import org.h2.engine.Database;

/**
 * The numbers H2 gives to what is in a schema. It reuses the lowest free one, and refuses a table that needs one of a higher
 * number; which numbers are free depends on whether a replica was restored from a snapshot since. So that a definition comes
 * to the same on every replica, what it makes gets numbers above all that are there.
 *
 * <p>Other sessions may take and give back numbers meanwhile, for temporary tables. All do it under the set's own lock, and
 * nothing else gives back what is held here, because it was given to this alone.
 */
public final class ObjectIds {
    private final BitSet taken;
    /** The gaps between those that are taken. The definition's thread only. */
    private final BitSet held = new BitSet();

    public ObjectIds(Database database) {
        taken = Objects.requireNonNull(H2Tree.OBJECT_IDS.of(database, BitSet.class));
    }

    /** From now on only numbers above all others are given. {@link #giveBack} must follow. */
    public void holdGaps() {
        synchronized (taken) {
            held.set(0, taken.length());
            held.andNot(taken);
            taken.or(held);
        }
    }

    /** The gaps are free again. */
    public void giveBack() {
        synchronized (taken) {
            taken.andNot(held);
            held.clear();
        }
    }
}
