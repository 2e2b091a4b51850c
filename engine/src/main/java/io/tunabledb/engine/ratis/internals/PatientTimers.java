package io.tunabledb.engine.ratis.internals;

import io.tunabledb.engine.api.PrivateField;
import io.tunabledb.engine.clock.RunningTime;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.ratis.server.DivisionProperties;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.util.TimeDuration;

/**
 * The election timeouts of a replica whose group runs in one process: as configured, on the clock of {@link RunningTime}. Ratis
 * reads the real clock, so it is told how long by that one the configured time has taken. A pause of the process is
 * none of a leader's, nor of its followers'.
 *
 * <p>What each of Ratis's questions is for decides the answer:
 * <ul>
 *   <li>whether a voter still believes in its leader ({@link #minRpcTimeout}), and whether a leader still hears a majority ({@link
 *       #maxRpcTimeoutMs}, with the division's lock held): by running time. A leader whose majority is known to run, behind an
 *       undisturbed network, gets {@link #GENEROSITY} times as much: its followers are slow, not gone.
 *   <li>how often a leader sends and looks, and how long a follower sleeps before it looks: as configured. One that wakes too
 *       early only asks for votes that it does not get (the transport refuses).
 * </ul>
 *
 * <p>Nothing that is promised rests on this: a read index asks a majority for its term, and a leader's lease goes by the real
 * clock and by the configured time, which is never longer than what a voter waits.
 */
public final class PatientTimers implements DivisionProperties {
    /** How many times as long as configured a node that is known to run may be silent; then it hangs, and counts as gone. */
    public static final int GENEROSITY = 10;

    /** Ratis makes them itself, from properties that it reads once. */
    private static final PrivateField PROPERTIES =
            PrivateField.of("org.apache.ratis.server.impl.RaftServerImpl", "divisionProperties");

    private final RaftServer.Division division;
    private final DivisionProperties configured;
    private final BooleanSupplier runsMajority;

    private PatientTimers(RaftServer.Division division, DivisionProperties configured, BooleanSupplier runsMajority) {
        this.division = division;
        this.configured = configured;
        this.runsMajority = runsMajority;
    }

    /**
     * Puts itself in front of a division's own. Before it has any role.
     *
     * @param runsMajority whether a majority of the group is known to run and to be in reach of this replica
     */
    public static void install(RaftServer.Division division, BooleanSupplier runsMajority) {
        PROPERTIES.set(division, new PatientTimers(division, division.properties(), runsMajority));
    }

    @Override
    public TimeDuration minRpcTimeout() {
        return patient(configured.minRpcTimeout(), 1);
    }

    @Override
    public int minRpcTimeoutMs() {
        return configured.minRpcTimeoutMs();
    }

    @Override
    public TimeDuration maxRpcTimeout() {
        // a leader that looks whether it still is one does so under this lock; nobody else who asks has it
        return Thread.holdsLock(division)
                ? patient(configured.maxRpcTimeout(), runsMajority.getAsBoolean() ? GENEROSITY : 1)
                : configured.maxRpcTimeout();
    }

    private static TimeDuration patient(TimeDuration timeout, int times) {
        long nanos = timeout.toLong(TimeUnit.NANOSECONDS) * times;
        // whole milliseconds, for who asks for them; never less than what it is on the running clock
        return TimeDuration.valueOf(RunningTime.wallNanos(nanos) / 1_000_000 + 1, TimeUnit.MILLISECONDS);
    }

    @Override
    public TimeDuration rpcSleepTime() {
        return configured.rpcSleepTime();
    }

    @Override
    public TimeDuration rpcSlownessTimeout() {
        return configured.rpcSlownessTimeout();
    }
}
