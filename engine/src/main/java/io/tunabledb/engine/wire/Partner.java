package io.tunabledb.engine.wire;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** This node's end of a conversation that another has opened. Asked one question at a time, in their order. */
public interface Partner {

    /**
     * Answers the next question; may wait. A failure ends the conversation: errors that are to be heard are answers.
     *
     * @param cancel is asked when nobody wants the answer any more; an answer there must be all the same
     */
    byte[] answer(byte[] question, Cancel cancel) throws Exception;

    /**
     * The conversation has ended, whoever ended it. Told once, after the last question was answered; no other follows.
     *
     * @param broken why it broke; null when the other end has closed it
     */
    void ended(@Nullable IOException broken);
}
