package io.tunabledb.engine.wire;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The asked node's end of a conversation on the wire: keeps what has come and is not answered, which is bounded, and has one
 * worker at a time go through it. What comes is noted on gRPC's thread, so that a cancel and a break are heard while a question
 * is being answered.
 */
final class Hearing extends ServerCall.Listener<byte[]> {
    private static final Logger LOG = LoggerFactory.getLogger(Hearing.class);

    private final ServerCall<byte[], byte[]> call;
    private final Answers here;
    private final Executor workers;
    private final String name;
    private final int maxMessageBytes;
    private final Runnable release;

    // ---- under the monitor ----
    private final Deque<Pending> waiting = new ArrayDeque<>();
    private byte @Nullable [] opening;
    private boolean isOpened;
    private long asked;
    private long answered;
    /** What is being answered; null for nothing. */
    private @Nullable Pending current;

    private boolean isWorking;
    /** No more comes: after what waits, or after a break at once, the partner is told. */
    private boolean isOver;

    private @Nullable IOException broken;
    private boolean isClosed;
    private boolean isHeaded;

    // ---- the worker's; one hands it to the next under the monitor ----
    private @Nullable Partner partner;

    /** A question that has no answer yet. */
    private record Pending(long number, byte[] question, Cancel cancel) {}

    Hearing(
            ServerCall<byte[], byte[]> call,
            Answers here,
            Executor workers,
            String name,
            int maxMessageBytes,
            Runnable release) {
        this.call = call;
        this.here = here;
        this.workers = workers;
        this.name = name;
        this.maxMessageBytes = maxMessageBytes;
        this.release = release;
    }

    @Override
    public void onMessage(byte[] message) {
        boolean isRefused;
        try {
            isRefused = !note(message);
        } catch (IllegalStateException e) {
            LOG.debug("{}: no frame of a conversation", name, e);
            isRefused = true;
        }
        if (isRefused) {
            close(Status.INVALID_ARGUMENT.withDescription("no conversation: " + name + " does not understand it"));
            over(new IOException("the other end does not keep to the rules of a conversation"));
            return;
        }
        call.request(1);
    }

    /** Whether it keeps to the rules. */
    private boolean note(byte[] message) {
        Frames frame;
        synchronized (this) {
            if (isOver) {
                return true;
            }
            if (!isOpened) {
                isOpened = true;
                opening = message;
                work();
                return true;
            }
            frame = Frames.read(message);
            if (frame.number() > 0) {
                if (frame.number() != ++asked || asked - answered > Limits.WINDOW) {
                    return false;
                }
                waiting.add(new Pending(frame.number(), frame.question(), new Cancel()));
                work();
                return true;
            }
        }
        cancel(-frame.number());
        return true;
    }

    /** One that is answered already is not there any more. */
    private void cancel(long number) {
        Pending found;
        synchronized (this) {
            found = current != null && current.number() == number
                    ? current
                    : waiting.stream()
                            .filter(pending -> pending.number() == number)
                            .findFirst()
                            .orElse(null);
        }
        if (found != null) {
            found.cancel().ask();
        }
    }

    @Override
    public void onHalfClose() {
        over(null);
    }

    @Override
    public void onCancel() {
        release.run();
        over(new IOException("the connection to who asked is lost"));
    }

    @Override
    public void onComplete() {
        release.run();
    }

    private void over(@Nullable IOException why) {
        Pending working = null;
        synchronized (this) {
            if (why != null && broken == null) {
                broken = why;
                waiting.clear();
                working = current;
            }
            isOver = true;
            work();
        }
        if (working != null) {
            working.cancel().ask();
        }
    }

    /** Has a worker go through what waits, if none does. Under the monitor. */
    private void work() {
        if (isWorking) {
            return;
        }
        isWorking = true;
        try {
            workers.execute(this::run);
        } catch (RejectedExecutionException e) {
            // the node is being closed, and with it what its conversations hold
            close(Status.UNAVAILABLE.withDescription(name + " is being closed"));
        }
    }

    private void run() {
        while (step()) {
            // one after the other
        }
    }

    /** Does the next thing there is to do; false when there is none. */
    private boolean step() {
        byte[] begins = null;
        Pending question = null;
        IOException why;
        synchronized (this) {
            current = null;
            if (opening != null) {
                begins = opening;
                opening = null;
            } else {
                question = waiting.poll();
            }
            if (begins == null && question == null && !isOver) {
                isWorking = false;
                return false;
            }
            current = question;
            why = broken;
        }
        if (begins != null) {
            open(begins);
            return true;
        }
        if (question != null) {
            answer(question);
            return true;
        }
        // nobody works here any more: isWorking stays
        tell(why);
        return false;
    }

    private void open(byte[] begins) {
        try {
            partner = here.open(begins);
        } catch (RuntimeException | Error e) {
            fail(e);
        }
    }

    private void answer(Pending question) {
        Partner asked = partner;
        if (asked == null) {
            return;
        }
        try {
            send(asked.answer(question.question(), question.cancel()));
        } catch (Exception | Error e) {
            fail(e);
        }
    }

    private void send(byte[] given) {
        if (given.length > maxMessageBytes) {
            IOException why = new IOException("an answer of " + given.length + " bytes is over " + maxMessageBytes);
            close(Status.RESOURCE_EXHAUSTED.withDescription(name + ": " + why.getMessage()));
            over(why);
            return;
        }
        synchronized (this) {
            if (isClosed || broken != null) {
                return;
            }
            if (!isHeaded) {
                isHeaded = true;
                call.sendHeaders(new Metadata());
            }
            // before who asked can have it, and ask for more
            answered++;
            call.sendMessage(given);
        }
    }

    private void fail(Throwable failure) {
        LOG.debug("{}: a conversation ends", name, failure);
        close(NodeService.status(Status.INTERNAL, name + " could not answer: " + failure));
        over(new IOException("this node could not answer: " + failure, failure));
    }

    private void tell(@Nullable IOException why) {
        Partner told = partner;
        partner = null;
        if (told != null) {
            try {
                told.ended(why);
            } catch (RuntimeException e) {
                LOG.warn("{}: what a conversation held may not be given back", name, e);
            }
        }
        close(Status.OK);
    }

    private synchronized void close(Status status) {
        if (!isClosed) {
            isClosed = true;
            call.close(status, new Metadata());
        }
    }
}
