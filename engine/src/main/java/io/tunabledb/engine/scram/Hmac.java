package io.tunabledb.engine.scram;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The functions H, HMAC, Hi and XOR of RFC 5802, section 2.2, with SHA-256. */
final class Hmac {
    /** How long every key, hash and proof is. */
    static final int BYTES = 32;

    private static final String HMAC = "HmacSHA256";

    private Hmac() {}

    static byte[] hash(byte[] text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    static byte[] of(byte[] key, String text) {
        return of(key, text.getBytes(UTF_8));
    }

    static byte[] of(byte[] key, byte[] text) {
        return mac(key).doFinal(text);
    }

    private static Mac mac(byte[] key) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            // a key is filled up with zeros, so one of them is the empty key, which Java has none of
            mac.init(new SecretKeySpec(key.length == 0 ? new byte[1] : key, HMAC));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime has " + HMAC, e);
        }
    }

    /** Hi: what makes guessing a password expensive. */
    static byte[] iterated(byte[] password, byte[] salt, int iterations) {
        Mac mac = mac(password);
        mac.update(salt);
        byte[] last = mac.doFinal(new byte[] {0, 0, 0, 1});
        byte[] all = last.clone();
        for (int i = 1; i < iterations; i++) {
            last = mac.doFinal(last);
            xorInto(all, last);
        }
        return all;
    }

    static byte[] xor(byte[] one, byte[] other) {
        byte[] result = one.clone();
        xorInto(result, other);
        return result;
    }

    private static void xorInto(byte[] target, byte[] other) {
        for (int i = 0; i < target.length; i++) {
            target[i] ^= other[i];
        }
    }

    /** Takes the same time wherever they differ. */
    static boolean same(byte[] one, byte[] other) {
        return MessageDigest.isEqual(one, other);
    }
}
