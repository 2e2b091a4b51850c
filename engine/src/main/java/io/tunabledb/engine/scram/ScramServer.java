package io.tunabledb.engine.scram;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of one exchange: {@link #first} with the client's first message, {@link #last} with its second. It says
 * nothing of whether a user is there: {@code verifiers} gives a made-up one for who is not, see {@link Verifier#madeUp}.
 */
public final class ScramServer {
    private static final int NONCE_BYTES = 18;
    /** In characters: H2's longest name, and some. */
    private static final int LONGEST_NAME = 256;

    private final Function<String, Verifier> verifiers;
    private final String nonce;
    private final ChannelBinding binding;
    private @Nullable Exchange exchange;

    private record Exchange(String user, Verifier verifier, String header, String nonce, String soFar) {}

    /**
     * @param verifiers of a user by name, made up for who is not there
     * @param nonce new for each exchange
     * @param binding to the TLS connection it runs in
     */
    public ScramServer(Function<String, Verifier> verifiers, String nonce, ChannelBinding binding) {
        this.verifiers = verifiers;
        this.nonce = nonce;
        this.binding = binding;
    }

    /** A nonce nobody can guess. */
    public static String nonce(SecureRandom random) {
        byte[] bytes = new byte[NONCE_BYTES];
        random.nextBytes(bytes);
        return new String(Base64.getEncoder().encode(bytes), US_ASCII);
    }

    /** What {@link #last} came to. */
    public record Login(String user, String message) {}

    /**
     * The answer to the client's first message: salt and iterations.
     *
     * @throws ScramException when it is none, or does not fit this connection
     */
    public String first(String clientFirst) throws ScramException {
        Attributes attributes = new Attributes(clientFirst);
        String header = attributes.next() + ",";
        requireFitting(header);
        if (!attributes.next().isEmpty()) {
            throw new ScramException("the client wants to act for somebody else, which nobody may");
        }
        header += ",";
        String bare = attributes.rest();
        String user = Attributes.unescaped(attributes.next('n'));
        if (user.isEmpty() || user.length() > LONGEST_NAME) {
            throw new ScramException(
                    "a user's name of " + user.length() + " characters; 1 to " + LONGEST_NAME + " may be sent");
        }
        String both = attributes.nextNonce() + nonce;
        attributes.end();
        Verifier verifier = verifiers.apply(user);
        String answer = "r=" + both + ",s=" + Base64.getEncoder().encodeToString(verifier.salt()) + ",i="
                + verifier.iterations();
        exchange = new Exchange(user, verifier, header, both, bare + "," + answer);
        return answer;
    }

    /** "n": it can't bind; "y": it could, and thinks that the server can't; "p=type": it does. */
    private void requireFitting(String header) throws ScramException {
        boolean bindsAsWeDo = !binding.isNone() && header.equals("p=" + binding.type() + ",");
        boolean cannot = header.equals("n,");
        // somebody between the two may have told the client so
        boolean wasTold = header.equals("y,") && binding.isNone();
        if (!bindsAsWeDo && !cannot && !wasTold) {
            throw new ScramException(
                    "the client's channel binding is not " + (binding.isNone() ? "none" : binding.type()));
        }
    }

    /**
     * Who the client is, and what to tell it. Null when it has not proved that: to be told nothing but that, after the same
     * time whatever was wrong.
     *
     * @throws ScramException when the message is none, or of another exchange
     */
    public @Nullable Login last(String clientFinal) throws ScramException {
        Exchange begun = exchange;
        exchange = null;
        if (begun == null) {
            throw new ScramException("a second message without a first");
        }
        Attributes attributes = new Attributes(clientFinal);
        byte[] bound = attributes.nextBytes('c');
        String both = attributes.nextNonce();
        int end = clientFinal.lastIndexOf(",p=");
        if (end < 0) {
            throw new ScramException("a message without a proof");
        }
        byte[] proof = new Attributes(clientFinal.substring(end + 1)).nextBytes('p');
        byte[] header = begun.header.startsWith("p=") ? ScramClient.bound(binding) : begun.header.getBytes(US_ASCII);
        if (!Hmac.same(bound, header) || !both.equals(begun.nonce) || proof.length != Hmac.BYTES) {
            throw new ScramException("a message of another exchange or connection");
        }
        String signed = begun.soFar + "," + clientFinal.substring(0, end);
        byte[] storedKey = begun.verifier.storedKey();
        byte[] clientKey = Hmac.xor(proof, Hmac.of(storedKey, signed));
        if (!Hmac.same(Hmac.hash(clientKey), storedKey)) {
            return null;
        }
        byte[] signature = Hmac.of(begun.verifier.serverKey(), signed);
        return new Login(begun.user, "v=" + Base64.getEncoder().encodeToString(signature));
    }
}
