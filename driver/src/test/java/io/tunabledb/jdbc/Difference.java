package io.tunabledb.jdbc;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Where this driver answers otherwise than H2's, on purpose.
 *
 * @param seen what was seen: a pattern for {@code Interface (state).method(types)[arguments] => H2's => ours}
 * @param reason a phrase of DIFFERENCES.md
 */
record Difference(Pattern seen, String reason) {

    private static final String CLOSED = "A closed connection answers 08003";
    private static final String LENIENT = "refuse some calls that H2's let pass";
    private static final String FORBIDDEN = "What JDBC forbids is refused";
    private static final String HEEDED = "H2 does not heed";
    private static final String TWO_MISTAKES = "Of two mistakes in one call";

    static final List<Difference> ALL = List.of(
            of("Connection .* => .* => .*08003", CLOSED),
            of(".*\\(closed\\)\\.(getConnection|getMoreResults|setFetchDirection)\\(.*90007", LENIENT),
            of("Connection .*setSavepoint\\(.* => Savepoint => .*TC005", FORBIDDEN),
            of("Connection .*(isValid\\(int\\)\\[-1]|abort\\(Executor\\)\\[null]) => .* => .*90008", FORBIDDEN),
            of("Connection .*setTransactionIsolation\\(int\\)\\[[03]] => then table: .*", FORBIDDEN),
            of("Connection .*etClientInfo.*", HEEDED),
            of("Connection .*setNetworkTimeout.*", HEEDED),
            of("Connection .*setReadOnly\\(boolean\\)\\[true].*", HEEDED),
            of("Connection .*abort\\(Executor\\)\\[executor] => then closed: .*", HEEDED),
            of("ResultSet .*\\.getObject\\(.* => Interval .* => (Period|Duration) .*", "`java.time.Period` of years"),
            of("ResultSet .*\\.refreshRow.* => .*90140", "`refreshRow` needs `CONCUR_UPDATABLE`"),
            of("ResultSet \\(updatable, a row updated\\)\\.deleteRow.* => then rows.*", "shows as it was first read"),
            of(".*\\.getParameterMetaData\\(\\).*", "`ParameterMetaData` is of the column"),
            of("Connection .*\\.prepare.* => .* 42000 => .* 42001", "Syntax errors have 42001"),
            of(
                    "Connection \\(in a transaction\\)\\.prepare.*NOPE.* => .* 42S02 => Statement",
                    "is checked when it is executed"),
            of("Statement .*NOPE.* => .* 42S02.* => .* 90001.*", "is checked when it is executed"),
            of(".*\\.set.*torn stream.* => .* 90028 => .* 90008", TWO_MISTAKES),
            of(".*\\.execute(Large)?Update\\(.* => .* 90012 => .* 90001", TWO_MISTAKES),
            of(".*\\.addBatch\\(.*SELECT \\?.* => .* 90012.* => .* 90001.*", TWO_MISTAKES),
            of("ResultSet \\(closed\\)\\.get.* => .* 90008 => .* 90007", TWO_MISTAKES),
            of("ResultSet .*\\.updateObject\\(.* => .* (22018|HY004) => .* 90140", TWO_MISTAKES),
            of(".*\\(closed\\)\\.setObject\\(.* => .* (HY000|HY004) => .* 90007", TWO_MISTAKES),
            of("DatabaseMetaData .*\\.getDriver.*", "and URL are this driver's"),
            of("DatabaseMetaData .*\\.getURL.*", "and URL are this driver's"),
            of("DatabaseMetaData .*\\.getSchemas\\(.* TUNABLE,.*", "lists `TUNABLE`"));

    private static Difference of(String seen, String reason) {
        return new Difference(Pattern.compile(seen, Pattern.DOTALL), reason);
    }
}
