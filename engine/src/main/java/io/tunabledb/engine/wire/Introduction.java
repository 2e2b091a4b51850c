package io.tunabledb.engine.wire;

import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.jspecify.annotations.Nullable;

/**
 * What comes with every question: who asks whom, in which language. Nothing is read of a question before it is seen to be for
 * this node and in its language.
 *
 * @param language which messages there are and what they are made of; others are not understood
 * @param database the database's id
 * @param from the node that asks; 0 for none in particular
 * @param to the node that is asked
 */
public record Introduction(String language, String database, int from, int to) {
    private static final Metadata.Key<String> LANGUAGE = key("tunable-language");
    private static final Metadata.Key<String> DATABASE = key("tunable-database");
    private static final Metadata.Key<String> FROM = key("tunable-from");
    private static final Metadata.Key<String> TO = key("tunable-to");

    private static Metadata.Key<String> key(String name) {
        return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    }

    Metadata headers() {
        Metadata headers = new Metadata();
        headers.put(LANGUAGE, language);
        headers.put(DATABASE, database);
        headers.put(FROM, Integer.toString(from));
        headers.put(TO, Integer.toString(to));
        return headers;
    }

    /** Why a node that is known as this one's {@code to} does not listen to who comes with these headers; null when it does. */
    @Nullable
    String refuses(Metadata headers) {
        String theirs = headers.get(LANGUAGE);
        if (theirs == null) {
            return "n" + to + " is a node of TunableDB and talks to nodes of its own database only";
        }
        if (!theirs.equals(language)) {
            return "n" + to + " speaks language " + language + " and was asked in language " + shown(theirs)
                    + ": both nodes must run the same version of TunableDB";
        }
        if (!database.equals(headers.get(DATABASE)) || !Integer.toString(to).equals(headers.get(TO))) {
            return "this is n" + to + " of database " + database + ", and n" + shown(headers.get(TO)) + " of database "
                    + shown(headers.get(DATABASE)) + " was asked: see to the nodes' addresses";
        }
        return null;
    }

    /** Strangers' texts are not repeated at length. */
    private static String shown(@Nullable String text) {
        return text == null ? "?" : text.length() > 40 ? text.substring(0, 40) + "…" : text;
    }
}
