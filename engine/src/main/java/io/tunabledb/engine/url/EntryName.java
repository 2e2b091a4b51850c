package io.tunabledb.engine.url;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** An entry as a person names it, {@code SHARD:INDEX}: an entry that is committed is the only one at its index. */
public record EntryName(int shard, long index) {
    private static final Pattern FORM = Pattern.compile("(\\d{1,4}):(\\d{1,18})");

    /** Reads a name; null when it is none. */
    public static @Nullable EntryName of(String text) {
        Matcher form = FORM.matcher(text.trim());
        return form.matches() ? new EntryName(Integer.parseInt(form.group(1)), Long.parseLong(form.group(2))) : null;
    }

    @Override
    public String toString() {
        return shard + ":" + index;
    }
}
