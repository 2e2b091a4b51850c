package io.tunabledb.engine.codec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads what {@link ByteSink} wrote. Running past the end is an {@link IllegalStateException}. */
public final class ByteSource {
    private final byte[] bytes;
    private final int end;
    private int at;

    public ByteSource(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    public ByteSource(byte[] bytes, int from, int length) {
        this.bytes = bytes;
        this.at = from;
        this.end = from + length;
    }

    /** How many bytes are left. */
    public int remaining() {
        return end - at;
    }

    public int get() {
        require(1);
        return bytes[at++];
    }

    public int getVarInt() {
        int value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            int next = get();
            value |= (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalStateException("a number of more than 5 bytes at offset " + at);
    }

    /** A number that counts something still to be read, so it can't be larger than what is left. */
    public int getCount() {
        int count = getVarInt();
        if (count < 0 || count > end - at) {
            throw new IllegalStateException("a count of " + count + " with " + (end - at) + " bytes left");
        }
        return count;
    }

    public long getVarLong() {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            int next = get();
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw new IllegalStateException("a number of more than 10 bytes at offset " + at);
    }

    public int getInt() {
        require(4);
        int value = 0;
        for (int i = 0; i < 4; i++) {
            value = (value << 8) | (bytes[at++] & 0xff);
        }
        return value;
    }

    public long getLong() {
        return ((long) getInt() << 32) | (getInt() & 0xffffffffL);
    }

    public byte[] getBytes() {
        return getRaw(getCount());
    }

    public byte[] getRaw(int length) {
        require(length);
        byte[] value = Arrays.copyOfRange(bytes, at, at + length);
        at += length;
        return value;
    }

    public String getString() {
        int header = getVarInt();
        int length = header >>> 1;
        if ((header & 1) == 0) {
            require(length);
            String value = new String(bytes, at, length, StandardCharsets.ISO_8859_1);
            at += length;
            return value;
        }
        require(Math.multiplyExact(length, 2));
        char[] chars = new char[length];
        for (int i = 0; i < length; i++) {
            chars[i] = (char) (((bytes[at++] & 0xff) << 8) | (bytes[at++] & 0xff));
        }
        return new String(chars);
    }

    private void require(int length) {
        if (length < 0 || length > end - at) {
            throw new IllegalStateException(length + " bytes wanted, " + (end - at) + " left");
        }
    }
}
