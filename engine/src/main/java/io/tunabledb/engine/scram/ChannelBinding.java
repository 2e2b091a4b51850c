package io.tunabledb.engine.scram;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.Locale;

/**
 * What ties an exchange to the TLS connection it runs in, so that who sits between two connections can't pass it on (RFC
 * 5929, RFC 9266).
 *
 * @param type {@code tls-server-end-point} or {@code tls-exporter}; empty when there is no TLS
 * @param data what both ends of the connection know of it
 */
public record ChannelBinding(String type, byte[] data) {
    /** Without TLS. */
    public static final ChannelBinding NONE = new ChannelBinding("", new byte[0]);

    /** Whether there is none. */
    public boolean isNone() {
        return type.isEmpty();
    }

    /** By what TLS derives from the connection's secret under the label EXPORTER-Channel-Binding. */
    public static ChannelBinding exporter(byte[] exported) {
        return new ChannelBinding("tls-exporter", exported.clone());
    }

    /**
     * By the server's certificate, hashed as RFC 5929, section 4.1 says: with the hash of its signature, but never with a
     * weaker one than SHA-256.
     *
     * @throws GeneralSecurityException when the runtime does not know that hash, or the certificate can't be encoded
     */
    public static ChannelBinding endPoint(X509Certificate certificate) throws GeneralSecurityException {
        String algorithm = certificate.getSigAlgName().toUpperCase(Locale.ROOT);
        int with = algorithm.indexOf("WITH");
        String named = with < 0 ? "SHA256" : algorithm.substring(0, with);
        boolean isWeak = named.equals("MD5") || named.equals("SHA1") || named.equals("SHA");
        // SHA256 is SHA-256 to the runtime
        String hash = isWeak || !named.startsWith("SHA") ? "SHA-256" : named.replaceFirst("^SHA-?(?!3-)", "SHA-");
        return new ChannelBinding(
                "tls-server-end-point", MessageDigest.getInstance(hash).digest(certificate.getEncoded()));
    }

    /** How the client's messages begin, without a name to act for. */
    String header() {
        return isNone() ? "n,," : "p=" + type + ",,";
    }
}
