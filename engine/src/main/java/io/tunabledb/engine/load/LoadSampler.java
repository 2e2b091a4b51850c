package io.tunabledb.engine.load;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.DoubleSupplier;

/** The thread that makes a meter read its sources: often while a rule looks at the load, seldom otherwise. */
public final class LoadSampler implements AutoCloseable {
    private static final long WATCHED_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final LoadMeter meter;
    private final Thread thread;
    private volatile boolean closed;

    public LoadSampler(LoadMeter meter, String database) {
        this.meter = meter;
        this.thread = new Thread(this::run, "tunabledb-load-" + database);
        thread.setDaemon(true);
        thread.start();
    }

    /** This process's use of all processors, 0 to 1; negative where the JVM can't tell. */
    public static DoubleSupplier processors() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? system::getProcessCpuLoad
                : () -> -1;
    }

    private void run() {
        while (!closed) {
            if (meter.isWatched()) {
                meter.sample();
                LockSupport.parkNanos(WATCHED_NANOS);
            } else {
                LockSupport.parkNanos(IDLE_NANOS);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
