package io.tunabledb.engine.peer;

import io.tunabledb.engine.codec.ByteSink;
import io.tunabledb.engine.codec.ByteSource;
import io.tunabledb.engine.codec.Form;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What comes back as bytes: an answer, or how it failed. */
final class Replies {
    private static final Form<Fault> FAULTS = Form.of(Fault.class);
    private static final int GIVEN = 0;
    private static final int FAILED = 1;

    private Replies() {}

    /** The bytes of what an answer came to. */
    static byte[] bytes(Form<Object> form, @Nullable Object answer, @Nullable Throwable failure) {
        byte[] body = failure == null && answer != null
                ? form.bytes(answer)
                : FAULTS.bytes(Fault.of(failure == null ? new NullPointerException("no answer") : failure));
        return new ByteSink(1 + body.length)
                .put(failure == null && answer != null ? GIVEN : FAILED)
                .putRaw(body, 0, body.length)
                .toByteArray();
    }

    /** The answer, or the failure of one, that {@code node} sent. */
    static CompletableFuture<Object> read(Form<Object> form, byte[] reply, int node) {
        ByteSource in = new ByteSource(reply);
        int kind = in.get();
        byte[] body = in.getRaw(in.remaining());
        return switch (kind) {
            case GIVEN -> CompletableFuture.completedFuture(form.read(body));
            case FAILED -> CompletableFuture.failedFuture(FAULTS.read(body).thrown(node));
            default -> throw new IllegalStateException("a reply of kind " + kind);
        };
    }
}
