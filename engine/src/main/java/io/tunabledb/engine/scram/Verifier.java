package io.tunabledb.engine.scram;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;

/**
 * What is kept of a password (RFC 5802, section 3). Who steals it can neither log in with it nor read the password from it,
 * only try passwords against it, {@link #iterations} hashes each.
 */
public final class Verifier {
    /** What MongoDB takes for SHA-256; RFC 7677 asks for 4,096 at least, which PostgreSQL takes. */
    public static final int ITERATIONS = 15_000;

    /** The fewest that are taken, by RFC 7677. */
    public static final int LEAST_ITERATIONS = 4_096;
    /** A client must not be kept busy by whoever answers it. */
    static final int MOST_ITERATIONS = 1_000_000;

    /** In characters. Hashing is no work that anybody may make as long as he likes. */
    public static final int LONGEST_PASSWORD = 1_000;

    static final int SALT_BYTES = 16;
    private static final String NAME = "SCRAM-SHA-256";
    private static final Base64.Encoder ENCODER = Base64.getEncoder();

    private final byte[] salt;
    private final int iterations;
    private final byte[] storedKey;
    private final byte[] serverKey;

    Verifier(byte[] salt, int iterations, byte[] storedKey, byte[] serverKey) {
        this.salt = salt;
        this.iterations = iterations;
        this.storedKey = storedKey;
        this.serverKey = serverKey;
    }

    /**
     * That of a new password, with a new salt.
     *
     * @throws ScramException when it is empty, too long, or has characters that SASLprep prohibits
     */
    public static Verifier of(String password, SecureRandom random) throws ScramException {
        if (password.isEmpty()) {
            throw new ScramException("is empty");
        }
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        return of(password, salt, ITERATIONS);
    }

    static Verifier of(String password, byte[] salt, int iterations) throws ScramException {
        byte[] salted = salted(password, salt, iterations);
        return new Verifier(salt, iterations, Hmac.hash(clientKey(salted)), serverKey(salted));
    }

    static byte[] salted(String password, byte[] salt, int iterations) throws ScramException {
        if (password.length() > LONGEST_PASSWORD) {
            throw new ScramException("has " + password.length() + " characters, and may have " + LONGEST_PASSWORD);
        }
        return Hmac.iterated(SaslPrep.of(password).getBytes(UTF_8), salt, iterations);
    }

    static byte[] clientKey(byte[] salted) {
        return Hmac.of(salted, "Client Key");
    }

    static byte[] serverKey(byte[] salted) {
        return Hmac.of(salted, "Server Key");
    }

    /**
     * That of a user who isn't there. It is the same each time for one name, so that an exchange does not tell whether
     * there is such a user (RFC 5802, section 9), and no password fits it.
     *
     * @param secret of whoever answers logins, never told
     */
    public static Verifier madeUp(String user, byte[] secret) {
        return new Verifier(
                Arrays.copyOf(Hmac.of(secret, "salt " + user), SALT_BYTES),
                ITERATIONS,
                Hmac.of(secret, "stored key " + user),
                Hmac.of(secret, "server key " + user));
    }

    /** Whether it was made of that password; the work is the same for each answer, and for each password. */
    public boolean fits(String password) {
        byte[] salted;
        try {
            salted = salted(password, salt, iterations);
        } catch (ScramException e) {
            // as long as it takes, nobody learns from it
            salted = Hmac.iterated(new byte[1], salt, iterations);
        }
        return Hmac.same(Hmac.hash(clientKey(salted)), storedKey);
    }

    byte[] salt() {
        return salt;
    }

    int iterations() {
        return iterations;
    }

    byte[] storedKey() {
        return storedKey;
    }

    byte[] serverKey() {
        return serverKey;
    }

    /** As it is kept, in PostgreSQL's form: {@code SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey}. */
    public String text() {
        return NAME + "$" + iterations + ":" + ENCODER.encodeToString(salt) + "$" + ENCODER.encodeToString(storedKey)
                + ":" + ENCODER.encodeToString(serverKey);
    }

    /**
     * Reads {@link #text}.
     *
     * @throws ScramException when it is none; the message does not show it
     */
    public static Verifier parse(String text) throws ScramException {
        String[] parts = text.split("[$:]", -1);
        try {
            if (parts.length == 5 && parts[0].equals(NAME)) {
                Base64.Decoder decoder = Base64.getDecoder();
                int iterations = Integer.parseInt(parts[1]);
                byte[] salt = decoder.decode(parts[2]);
                byte[] storedKey = decoder.decode(parts[3]);
                byte[] serverKey = decoder.decode(parts[4]);
                if (iterations >= LEAST_ITERATIONS
                        && iterations <= MOST_ITERATIONS
                        && salt.length > 0
                        && storedKey.length == Hmac.BYTES
                        && serverKey.length == Hmac.BYTES) {
                    return new Verifier(salt, iterations, storedKey, serverKey);
                }
            }
        } catch (IllegalArgumentException e) {
            throw unreadable();
        }
        throw unreadable();
    }

    private static ScramException unreadable() {
        return new ScramException("is no " + NAME + " verifier");
    }

    /** Nothing of it: it may stand in a log. */
    @Override
    public String toString() {
        return NAME + " verifier";
    }
}
