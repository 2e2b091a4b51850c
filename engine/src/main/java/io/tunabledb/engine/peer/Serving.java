package io.tunabledb.engine.peer;

import io.tunabledb.engine.codec.Form;
import io.tunabledb.engine.message.Message;
import io.tunabledb.engine.wire.Answers;
import io.tunabledb.engine.wire.Partner;
import java.util.concurrent.CompletableFuture;

/** A node's handlers behind a wire: bytes in, the same handlers as in process, bytes out. */
final class Serving implements Answers {
    private final Member here;

    Serving(Member here) {
        this.here = here;
    }

    @Override
    public CompletableFuture<byte[]> answer(byte[] question) {
        Message<?> message = Copies.message(question);
        Form<Object> form = Copies.answers(message);
        return Handlers.answer(here, message).handle((answer, failure) -> Replies.bytes(form, answer, failure));
    }

    @Override
    public Partner open(byte[] opening) {
        throw new UnsupportedOperationException("no message opens a conversation");
    }
}
