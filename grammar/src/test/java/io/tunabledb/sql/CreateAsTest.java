package io.tunabledb.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.sql.Statement.TableUse;
import io.tunabledb.sql.Statement.Use;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** CREATE TABLE … AS query: what creates the table, what fills it, and under which names. */
class CreateAsTest {
    private static final TableUse OTHER = new TableUse("S", "a \"b\"", Use.WRITE);

    private static CreateAs of(String text) {
        return CreateAs.of(Parsed.sql(text));
    }

    @Test
    void theTableIsCreatedEmptyAndFilledUnderAnyName() {
        CreateAs parts = of("CREATE TABLE IF NOT EXISTS q.t (i INT) AS SELECT n FROM u");
        assertThat(parts.isConditional()).isTrue();
        assertThat(parts.definition(OTHER))
                .isEqualTo("CREATE TABLE IF NOT EXISTS \"S\".\"a \"\"b\"\"\" (i INT) AS SELECT n FROM u WITH NO DATA");
        Statement.Sql fill = parts.filling(OTHER);
        assertThat(fill.text()).isEqualTo("INSERT INTO \"S\".\"a \"\"b\"\"\" SELECT n FROM u");
        assertThat(fill.tables()).containsExactly(OTHER, new TableUse(null, "U", Use.READ));
        assertThat(fill.asked().ladder().text()).isEqualTo("SEQUENTIAL");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            CREATE TABLE t AS SELECT 1                               | true
            CREATE TABLE t AS SELECT 1 WITH DATA                     | true
            CREATE TABLE t AS SELECT 1 WITH NO DATA                  | false
            CREATE TABLE t AS SELECT 1 WITH DATA /* NO, with it */   | true
            """)
    void itStaysEmptyWhereItSaysSo(String statement, boolean isFilled) {
        assertThat(of(statement).filling(OTHER) != null).isEqualTo(isFilled);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            CREATE TABLE t AS SELECT n FROM u                        | false
            CREATE TABLE t AS SELECT 't' FROM u /* t */              | false
            CREATE TABLE s.t AS SELECT n FROM u                      | false
            CREATE TABLE t(i INT, CHECK (t.i > 0)) AS SELECT 1       | true
            CREATE TABLE t AS SELECT n FROM other."t"                | true
            """)
    void itNamesItselfWhereATokenDoes(String statement, boolean namesItself) {
        assertThat(of(statement).namesItself()).isEqualTo(namesItself);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            SET @x = 5                                               | ¤¤
            SET @x TO -1.5E3                                         | ¤¤
            SET @x 'a''b'                                            | ¤¤
            SET @x = null                                            | ¤¤
            SET @x = RAND()                                          | SELECT (RAND())
            SET /* now */ @x = RAND() -- or later                    | SELECT (RAND())
            SET @x (SELECT MAX(n) /* of all */ FROM t)               | SELECT ((SELECT MAX(n) /* of all */ FROM t))
            """, nullValues = "¤¤")
    void aVariableIsSetToALiteralOrToWhatAQueryGives(String statement, String query) {
        Statement.SessionSetting setting =
                (Statement.SessionSetting) SqlParser.parse(statement).get(0);
        assertThat(
                        setting.expression() == null
                                ? null
                                : setting.expression().query().text())
                .isEqualTo(query);
    }
}
