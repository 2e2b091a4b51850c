package io.tunabledb.engine.peer;

import io.tunabledb.engine.message.Message;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Which messages there are and what they are made of, as a short text: a hash of all their names, and of their components' names
 * and types, in their order. Two nodes with the same understand each other, and two with different ones may not: whoever adds a
 * component speaks another language without having to say so.
 */
final class Language {
    private static final int SHOWN_DIGITS = 12;

    private final Map<String, String> described = new TreeMap<>();

    private Language() {}

    /** That of the messages in this process. */
    static String ofThisVersion() {
        return of(Message.class, Fault.class);
    }

    static String of(Class<?>... types) {
        Language language = new Language();
        for (Class<?> type : types) {
            language.describe(type);
        }
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest(language.described.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash).substring(0, SHOWN_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    private void describe(Type type) {
        if (type instanceof ParameterizedType generic) {
            describe(generic.getRawType());
            for (Type argument : generic.getActualTypeArguments()) {
                describe(argument);
            }
            return;
        }
        if (!(type instanceof Class<?> plain) || described.containsKey(plain.getName())) {
            return;
        }
        if (plain.isRecord()) {
            RecordComponent[] components = plain.getRecordComponents();
            described.put(
                    plain.getName(),
                    Arrays.stream(components)
                            .map(component -> component.getName() + ":"
                                    + component.getGenericType().getTypeName())
                            .collect(Collectors.joining(",")));
            Arrays.stream(components).forEach(component -> describe(component.getGenericType()));
            // what it is answered with
            Arrays.stream(plain.getGenericInterfaces()).forEach(this::describe);
        } else if (plain.isSealed()) {
            Class<?>[] all = plain.getPermittedSubclasses();
            described.put(
                    plain.getName(),
                    Arrays.stream(all).map(Class::getSimpleName).collect(Collectors.joining("|")));
            Arrays.stream(all).forEach(this::describe);
        } else if (plain.isEnum()) {
            described.put(plain.getName(), Arrays.toString(plain.getEnumConstants()));
        }
    }
}
