package io.tunabledb.engine.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Stands between one end of TCP connections and the other, and does to them what networks do: cuts, holds back what goes one
 * way, delays, closes one half, changes bytes.
 */
public final class TcpProxy implements AutoCloseable {

    /** What happens to the bytes of one direction. */
    public interface Road {
        /** Whether they arrive; while they don't, they wait. */
        boolean isOpen();

        /** How much later each piece arrives. */
        long delayNanos();
    }

    /** A road that a test opens and closes. */
    public static final class Switch implements Road {
        private volatile boolean isOpen = true;
        private volatile long delayNanos;

        public void open(boolean open) {
            isOpen = open;
        }

        public void delay(java.time.Duration delay) {
            delayNanos = delay.toNanos();
        }

        @Override
        public boolean isOpen() {
            return isOpen;
        }

        @Override
        public long delayNanos() {
            return delayNanos;
        }
    }

    private static final int LOOK_NANOS = 2_000_000;

    private final ServerSocket door;
    private final int port;
    private final Road there;
    private final Road back;
    private final Set<Pair> pairs = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicLong toClient = new AtomicLong();
    private volatile boolean isClosed;
    private volatile boolean isHalved;

    private record Pair(Socket client, Socket server) {
        void close() {
            reset(client);
            reset(server);
        }

        private static void reset(Socket socket) {
            try {
                // as of a process that was killed: no farewell
                socket.setSoLinger(true, 0);
                socket.close();
            } catch (IOException e) {
                // it was closed
            }
        }
    }

    public TcpProxy(int port, Road there, Road back) throws IOException {
        this.door = new ServerSocket(0, 512, InetAddress.getLoopbackAddress());
        this.port = port;
        this.there = there;
        this.back = back;
        daemon("proxy-door", this::accept);
        daemon("proxy-watch", this::watch);
    }

    public int port() {
        return door.getLocalPort();
    }

    /** How many connections were made through it. */
    public int accepted() {
        return accepted.get();
    }

    /** How many bytes have gone back. */
    public long bytesToClient() {
        return toClient.get();
    }

    /** Ends all connections that there are; new ones can be made. */
    public void reset() {
        pairs.forEach(Pair::close);
        pairs.clear();
    }

    /** The client of each connection is told that nothing more comes, and may still send. */
    public void closeHalf() throws IOException {
        isHalved = true;
        for (Pair pair : pairs) {
            pair.client().shutdownOutput();
        }
    }

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    private boolean isCut() {
        return !there.isOpen() && !back.isOpen();
    }

    private void accept() {
        while (!isClosed) {
            try {
                Socket client = door.accept();
                accepted.incrementAndGet();
                if (isCut()) {
                    client.close();
                    continue;
                }
                client.setTcpNoDelay(true);
                Socket server;
                try {
                    server = new Socket(InetAddress.getLoopbackAddress(), port);
                } catch (IOException e) {
                    client.close();
                    continue;
                }
                server.setTcpNoDelay(true);
                Pair pair = new Pair(client, server);
                pairs.add(pair);
                isHalved = false;
                daemon("proxy-there", () -> pump(pair, client, server, there, false));
                daemon("proxy-back", () -> pump(pair, server, client, back, true));
            } catch (IOException e) {
                // closed
            }
        }
    }

    private void watch() {
        while (!isClosed) {
            if (isCut()) {
                reset();
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private void pump(Pair pair, Socket from, Socket to, Road road, boolean isBack) {
        byte[] piece = new byte[1 << 16];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
                LockSupport.parkNanos(road.delayNanos());
                while (!road.isOpen() && !isClosed && !from.isClosed() && !to.isClosed()) {
                    LockSupport.parkNanos(LOOK_NANOS);
                }
                if (isBack && isHalved) {
                    continue;
                }
                out.write(piece, 0, read);
                if (isBack) {
                    toClient.addAndGet(read);
                }
            }
        } catch (IOException e) {
            // the other end is gone
        } finally {
            pairs.remove(pair);
        }
    }

    @Override
    public void close() {
        isClosed = true;
        try {
            door.close();
        } catch (IOException e) {
            // nobody comes through it any more
        }
        reset();
    }
}
