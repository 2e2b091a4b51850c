package io.tunabledb.jdbc;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Where this driver answers otherwise than H2's, on purpose.
 *
 * @param call what is called: a pattern for {@code Interface (state).method(types)(arguments)}
 * @param reason a phrase of the README's list of differences
 */
record Difference(Pattern call, String reason) {

    static final List<Difference> ALL = List.of();

    private static Difference of(String call, String reason) {
        return new Difference(Pattern.compile(call), reason);
    }
}
