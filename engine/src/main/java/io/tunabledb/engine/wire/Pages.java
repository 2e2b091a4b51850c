package io.tunabledb.engine.wire;

import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The giving end of pages: a conversation in which every question asks for the next one, and says nothing. */
public final class Pages implements Partner {
    /** The first byte of an answer: whether a page comes behind it. */
    static final byte MORE = 1;

    static final byte END = 0;

    private final PageSource source;

    public Pages(PageSource source) {
        this.source = source;
    }

    @Override
    public byte[] answer(byte[] question, Cancel cancel) throws Exception {
        byte[] page = source.next(cancel);
        if (page == null) {
            return new byte[] {END};
        }
        byte[] answer = new byte[page.length + 1];
        answer[0] = MORE;
        System.arraycopy(page, 0, answer, 1, page.length);
        return answer;
    }

    /** The page in an answer; null for the end. */
    static byte @Nullable [] page(byte[] answer) throws IOException {
        if (answer.length == 0) {
            throw new IOException("an answer that is neither a page nor the end of them");
        }
        return answer[0] == END ? null : Arrays.copyOfRange(answer, 1, answer.length);
    }

    @Override
    public void ended(@Nullable IOException broken) {
        source.close();
    }
}
