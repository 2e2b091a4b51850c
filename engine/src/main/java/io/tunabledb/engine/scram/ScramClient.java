package io.tunabledb.engine.scram;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of one exchange: {@link #first}, {@link #answer}, {@link #check}, each once and in this order. The
 * password never leaves it, and a server that does not know the user's verifier is found out.
 */
public final class ScramClient {
    private final String password;
    private final ChannelBinding binding;
    private final String firstBare;
    private final String nonce;
    private byte @Nullable [] expected;

    /**
     * @param nonce new for each exchange, of at least 18 random bytes, see {@link ScramServer#nonce}
     * @param binding to the TLS connection it runs in
     */
    public ScramClient(String user, String password, String nonce, ChannelBinding binding) {
        this.password = password;
        this.nonce = nonce;
        this.binding = binding;
        this.firstBare = "n=" + Attributes.escaped(user) + ",r=" + nonce;
    }

    /** What the client begins with. */
    public String first() {
        return binding.header() + firstBare;
    }

    /**
     * The client's proof.
     *
     * @throws ScramException when the server's message is none, asks for fewer iterations than is safe or for more than is
     *     sensible, or answers somebody else
     */
    public String answer(String serverFirst) throws ScramException {
        Attributes attributes = new Attributes(serverFirst);
        String both = attributes.nextNonce();
        byte[] salt = attributes.nextBytes('s');
        int iterations = iterations(attributes.next('i'));
        attributes.end();
        if (!both.startsWith(nonce) || both.length() == nonce.length()) {
            throw new ScramException("the server answers another exchange");
        }
        if (salt.length == 0) {
            throw new ScramException("the server sends no salt");
        }
        String withoutProof = "c=" + Base64.getEncoder().encodeToString(bound(binding)) + ",r=" + both;
        String signed = firstBare + "," + serverFirst + "," + withoutProof;
        byte[] salted = Verifier.salted(password, salt, iterations);
        byte[] key = Verifier.clientKey(salted);
        byte[] proof = Hmac.xor(key, Hmac.of(Hmac.hash(key), signed));
        expected = Hmac.of(Verifier.serverKey(salted), signed);
        return withoutProof + ",p=" + Base64.getEncoder().encodeToString(proof);
    }

    private static int iterations(String text) throws ScramException {
        int iterations;
        try {
            iterations = Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new ScramException("the server's iterations are no number");
        }
        if (iterations < Verifier.LEAST_ITERATIONS || iterations > Verifier.MOST_ITERATIONS) {
            throw new ScramException("the server asks for " + iterations + " iterations; " + Verifier.LEAST_ITERATIONS
                    + " to " + Verifier.MOST_ITERATIONS + " are taken");
        }
        return iterations;
    }

    static byte[] bound(ChannelBinding binding) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(binding.header().getBytes(UTF_8));
        bytes.writeBytes(binding.data());
        return bytes.toByteArray();
    }

    /**
     * Returns when the server has proved that it knows the user.
     *
     * @throws ScramException when it has not, or refuses the client
     */
    public void check(String serverFinal) throws ScramException {
        if (serverFinal.startsWith("e=")) {
            throw new ScramException("the server refuses the login");
        }
        Attributes attributes = new Attributes(serverFinal);
        byte[] signature = attributes.nextBytes('v');
        attributes.end();
        byte[] own = expected;
        if (own == null || !Hmac.same(own, signature)) {
            throw new ScramException("the server can't prove that it knows the user");
        }
        expected = null;
    }
}
