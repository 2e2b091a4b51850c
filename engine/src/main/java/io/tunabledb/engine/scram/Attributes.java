package io.tunabledb.engine.scram;

import java.util.Base64;

/**
 * Reads a message of the exchange from left to right: attributes {@code a=value} with commas between them. The order is
 * fixed, an unknown mandatory extension ({@code m=}) is refused, and no message is long.
 */
final class Attributes {
    /** In characters. PostgreSQL takes messages of 1,024 bytes; certificates' hashes and long names fit. */
    static final int LONGEST_MESSAGE = 4_096;

    private final String message;
    private int at;

    Attributes(String message) throws ScramException {
        if (message.length() > LONGEST_MESSAGE) {
            throw new ScramException(
                    "a message of " + message.length() + " characters; " + LONGEST_MESSAGE + " may be sent");
        }
        if (message.indexOf('\0') >= 0) {
            throw new ScramException("a message with a character 0");
        }
        this.message = message;
    }

    /** What stands before the next comma, which is passed. */
    String next() throws ScramException {
        if (at > message.length()) {
            throw endsTooSoon();
        }
        int comma = message.indexOf(',', at);
        int end = comma < 0 ? message.length() : comma;
        String part = message.substring(at, end);
        at = end + 1;
        return part;
    }

    /** The value of the attribute that has to come next. */
    String next(char name) throws ScramException {
        String part = next();
        if (part.length() < 2 || part.charAt(0) != name || part.charAt(1) != '=') {
            boolean isMandatory = part.startsWith("m=");
            throw new ScramException(
                    isMandatory
                            ? "a mandatory extension, and none is known"
                            : "another attribute than " + name + "= where that has to be");
        }
        return part.substring(2);
    }

    byte[] nextBytes(char name) throws ScramException {
        try {
            return Base64.getDecoder().decode(next(name));
        } catch (IllegalArgumentException e) {
            throw new ScramException("attribute " + name + "= is not in base64");
        }
    }

    /** A nonce, which may have all that can be printed. */
    String nextNonce() throws ScramException {
        String nonce = next('r');
        if (nonce.isEmpty() || nonce.chars().anyMatch(c -> c < 0x21 || c > 0x7E)) {
            throw new ScramException("a nonce that is empty or can't be printed");
        }
        return nonce;
    }

    /** From the first character that is not read, which has to be the end or an optional extension. */
    void end() throws ScramException {
        while (at <= message.length()) {
            String part = next();
            if (part.length() < 2 || !Character.isLetter(part.charAt(0)) || part.charAt(1) != '=') {
                throw new ScramException("something that is no attribute behind the last one");
            }
        }
    }

    /** What is not read yet. */
    String rest() throws ScramException {
        if (at > message.length()) {
            throw endsTooSoon();
        }
        return message.substring(at);
    }

    private static ScramException endsTooSoon() {
        return new ScramException("a message that ends too soon");
    }

    /** A user's name as it stands in a message: comma and equals sign are escaped. */
    static String escaped(String name) {
        return name.replace("=", "=3D").replace(",", "=2C");
    }

    static String unescaped(String name) throws ScramException {
        for (int i = name.indexOf('='); i >= 0; i = name.indexOf('=', i + 1)) {
            if (!name.startsWith("=2C", i) && !name.startsWith("=3D", i)) {
                throw new ScramException("a user's name with an equals sign that escapes nothing");
            }
        }
        return name.replace("=2C", ",").replace("=3D", "=");
    }
}
