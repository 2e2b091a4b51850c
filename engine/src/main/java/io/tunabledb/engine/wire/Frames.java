package io.tunabledb.engine.wire;

import io.tunabledb.engine.codec.ByteSink;
import io.tunabledb.engine.codec.ByteSource;

/**
 * What a conversation's opener sends: its opening as it is, then frames, each a number and perhaps a question. A number above
 * zero is the question's own, in order from 1; below zero it is that of a question that nobody waits for any more.
 */
record Frames(long number, byte[] question) {
    private static final byte[] NONE = {};

    static byte[] question(long number, byte[] question) {
        return new ByteSink(question.length + Limits.FRAME_BYTES)
                .putVarLong(number)
                .putRaw(question, 0, question.length)
                .toByteArray();
    }

    static byte[] cancel(long number) {
        return new ByteSink(Limits.FRAME_BYTES).putVarLong(-number).toByteArray();
    }

    static Frames read(byte[] frame) {
        ByteSource in = new ByteSource(frame);
        long number = in.getVarLong();
        return new Frames(number, in.remaining() == 0 ? NONE : in.getRaw(in.remaining()));
    }
}
