package io.tunabledb.engine.codec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing byte array with the few number and string encodings our formats use. */
public final class ByteSink {
    private byte[] bytes;
    private int size;

    public ByteSink(int expectedSize) {
        bytes = new byte[Math.max(16, expectedSize)];
    }

    public int size() {
        return size;
    }

    public void clear() {
        size = 0;
    }

    /** The array written to; only its first {@link #size()} bytes count. */
    public byte[] array() {
        return bytes;
    }

    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    public ByteSink put(int value) {
        require(1);
        bytes[size++] = (byte) value;
        return this;
    }

    /** A non-negative number in 1 to 5 bytes, or a negative one in 5. */
    public ByteSink putVarInt(int value) {
        require(5);
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
        return this;
    }

    /** Any number; short when it is near zero on either side. */
    public ByteSink putVarLong(long value) {
        require(10);
        long rest = (value << 1) ^ (value >> 63);
        while ((rest & ~0x7fL) != 0) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
        return this;
    }

    public ByteSink putInt(int value) {
        require(4);
        for (int shift = 24; shift >= 0; shift -= 8) {
            bytes[size++] = (byte) (value >>> shift);
        }
        return this;
    }

    public ByteSink putLong(long value) {
        return putInt((int) (value >>> 32)).putInt((int) value);
    }

    /** Length, then the bytes. */
    public ByteSink putBytes(byte[] value) {
        return putVarInt(value.length).putRaw(value, 0, value.length);
    }

    public ByteSink putRaw(byte[] value, int offset, int length) {
        require(length);
        System.arraycopy(value, offset, bytes, size, length);
        size += length;
        return this;
    }

    /**
     * A string, exactly, lone surrogates included: Latin-1 where that is enough (which is a plain copy in the JVM),
     * else UTF-16.
     */
    public ByteSink putString(String value) {
        int length = value.length();
        if (isLatin1(value)) {
            putVarInt(length << 1);
            return putRaw(value.getBytes(StandardCharsets.ISO_8859_1), 0, length);
        }
        putVarInt(length << 1 | 1);
        require(length * 2);
        for (int i = 0; i < length; i++) {
            char c = value.charAt(i);
            bytes[size++] = (byte) (c >>> 8);
            bytes[size++] = (byte) c;
        }
        return this;
    }

    private static boolean isLatin1(String value) {
        for (int i = 0; i < value.length(); i++) {
            if (value.charAt(i) > 0xff) {
                return false;
            }
        }
        return true;
    }

    private void require(int more) {
        int needed = Math.addExact(size, more);
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(needed, (int) Math.min(bytes.length * 2L, Integer.MAX_VALUE - 8)));
        }
    }
}
