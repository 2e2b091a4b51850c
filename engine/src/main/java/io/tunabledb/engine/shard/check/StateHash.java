package io.tunabledb.engine.shard.check;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A replica's state at one entry, as a hash, and what that is made of.
 *
 * @param parts what is hashed of each table's rows and of each object of the schema, by what it is: {@code rows of PUBLIC.T},
 *     {@code constant PUBLIC.C}
 */
public record StateHash(Map<String, String> parts) {
    /** What the names of rows' parts begin with. */
    static final String ROWS = "rows of ";
    /** And those of sequences, of which each shard has a share. */
    private static final String SEQUENCES = "sequence ";

    private static final int NAMED = 5;

    public StateHash {
        parts = Map.copyOf(parts);
    }

    /** All of it in one; equal on replicas that are equal. */
    public String hash() {
        StringBuilder all = new StringBuilder();
        new TreeMap<>(parts)
                .forEach((name, part) ->
                        all.append(name).append('=').append(part).append('\n'));
        return of(all.toString());
    }

    /** The hash of a text. */
    static String of(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** What of it is the same in all shards of a database: the schema without its sequences. */
    public StateHash ofSchema() {
        Map<String, String> schema = new TreeMap<>(parts);
        schema.keySet().removeIf(name -> name.startsWith(ROWS) || name.startsWith(SEQUENCES));
        return new StateHash(schema);
    }

    /** What differs from {@code other}, for people: the first few names. Empty when nothing does. */
    public String difference(StateHash other) {
        Set<String> names = new TreeSet<>(parts.keySet());
        names.addAll(other.parts.keySet());
        List<String> different = new ArrayList<>();
        for (String name : names) {
            String here = parts.get(name);
            String there = other.parts.get(name);
            if (here == null || there == null) {
                different.add((here == null ? "no " : "additional ") + name);
            } else if (!here.equals(there)) {
                different.add(name);
            }
        }
        String named = String.join(", ", different.subList(0, Math.min(NAMED, different.size())));
        return different.size() > NAMED ? named + " and " + (different.size() - NAMED) + " more" : named;
    }
}
