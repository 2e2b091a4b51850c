package io.tunabledb.engine.route;

import java.util.Arrays;

/**
 * How long one replica recently took to meet one level: weights of waits by length, and of those that were given up at a
 * length. Newer ones weigh more. Pure.
 *
 * <p>A wait that was given up after d says nothing about waits longer than d, so it counts only against shorter ones.
 */
public final class WaitProfile {
    /** Nothing measured. */
    public static final WaitProfile EMPTY = new WaitProfile(new double[0], new double[0]);

    private static final int PER_OCTAVE = 4;
    /** Up to 2^40 ns, 18 minutes. */
    private static final int BUCKETS = 40 * PER_OCTAVE;

    private final double[] met;
    private final double[] givenUp;

    private WaitProfile(double[] met, double[] givenUp) {
        this.met = met;
        this.givenUp = givenUp;
    }

    /** The same with every weight times {@code factor}, and then one more wait of weight 1. */
    public WaitProfile with(long waitedNanos, boolean isMet, double factor) {
        double[] newMet = scaled(met, factor);
        double[] newGivenUp = scaled(givenUp, factor);
        (isMet ? newMet : newGivenUp)[bucket(waitedNanos)] += 1;
        return new WaitProfile(newMet, newGivenUp);
    }

    private static double[] scaled(double[] weights, double factor) {
        double[] scaled = Arrays.copyOf(weights, BUCKETS);
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] *= factor;
        }
        return scaled;
    }

    /**
     * The probability that a wait ends within {@code nanos}.
     *
     * @param factor what the weights are worth by now, 0 to 1: with little left, the answer goes back to 1, because who
     *     is not tried is not measured
     */
    public double probabilityWithin(long nanos, double factor) {
        int last = bucket(nanos);
        double within = 0;
        double beyond = 0;
        for (int i = 0; i < met.length; i++) {
            if (i <= last) {
                within += met[i];
            } else {
                beyond += met[i];
            }
            // one given up in the very bucket was given as much time as is asked about
            beyond += i >= last ? givenUp[i] : 0;
        }
        return (1 + within * factor) / (1 + (within + beyond) * factor);
    }

    /** The median of the waits that ended, 0 when none did. */
    public long medianNanos() {
        double half = Arrays.stream(met).sum() / 2;
        double sum = 0;
        for (int i = 0; i < met.length; i++) {
            sum += met[i];
            if (sum >= half && half > 0) {
                return upperNanos(i);
            }
        }
        return 0;
    }

    /** How many waits it rests on, as far as they still count. */
    public double weight(double factor) {
        return (Arrays.stream(met).sum() + Arrays.stream(givenUp).sum()) * factor;
    }

    private static int bucket(long nanos) {
        long value = Math.max(PER_OCTAVE, nanos);
        int octave = 63 - Long.numberOfLeadingZeros(value);
        int part = (int) (value >>> (octave - 2)) & (PER_OCTAVE - 1);
        return Math.min(BUCKETS - 1, (octave - 2) * PER_OCTAVE + part);
    }

    private static long upperNanos(int bucket) {
        int octave = bucket / PER_OCTAVE + 2;
        int part = bucket % PER_OCTAVE;
        return (long) (PER_OCTAVE + part + 1) << (octave - 2);
    }
}
