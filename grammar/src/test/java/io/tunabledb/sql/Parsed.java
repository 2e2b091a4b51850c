package io.tunabledb.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/** One statement out of a text, for tests. */
final class Parsed {

    private Parsed() {}

    static Statement one(String text) {
        List<Statement> statements = SqlParser.parse(text);
        assertThat(statements).hasSize(1);
        return statements.get(0);
    }

    static Statement.Sql sql(String text) {
        return (Statement.Sql) one(text);
    }
}
