package io.tunabledb.sql;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.sql.Statement.Source;
import io.tunabledb.sql.Statement.TableUse;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Statements back to SQL, with what they ask for. */
final class Rendering {

    private Rendering() {}

    static String text(Statement statement) {
        if (statement instanceof Statement.Sql sql
                && sql.asked() != null
                && sql.asked().source() == Source.CLAUSE) {
            return append(sql.text(), "WITH CONSISTENCY " + sql.asked().ladder().text());
        }
        return statement.text();
    }

    static String tableConsistency(
            Statement.@Nullable Sql create, TableUse table, @Nullable Ladder read, @Nullable Ladder write) {
        String ladders = Stream.of(
                        read == null ? "" : "READ " + read.text(), write == null ? "" : "WRITE " + write.text())
                .filter(part -> !part.isEmpty())
                .collect(Collectors.joining(", ", "CONSISTENCY (", ")"));
        if (create == null) {
            return "ALTER TABLE " + Names.text(table) + " SET " + ladders;
        }
        String whole = append(create.text(), "WITH " + ladders);
        return create.asked() == null || create.asked().source() == Source.HINT
                ? whole
                : whole + " WITH CONSISTENCY " + create.asked().ladder().text();
    }

    /** On a line of its own when the text may end in a comment to the end of the line. */
    private static String append(String text, String clause) {
        int line = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1;
        boolean comment = text.indexOf("--", line) >= 0 || text.indexOf("//", line) >= 0;
        return text + (comment ? "\n" : " ") + clause;
    }
}
