package io.tunabledb.sql;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.sql.Structure.Block;
import io.tunabledb.sql.Structure.Change;
import io.tunabledb.sql.Structure.Column;
import io.tunabledb.sql.Structure.Condition;
import io.tunabledb.sql.Structure.Row;
import io.tunabledb.sql.Structure.Value;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What is found to hold for the rows of each block, what a change brings, and how many parameters there are. A block is
 * shown as its tables and the conditions on them, each with the tables it restricts where that is not all.
 */
class StructureTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '¤', textBlock = """
            SELECT * FROM t WHERE id = ?                                          | 1 | T [ID=?1]
            SELECT * FROM t WHERE ? = id                                          | 1 | T [ID=?1]
            SELECT * FROM t x WHERE x.id = 5 AND "v" = 'it''s'                    | 0 | X [X.ID=5 and v='it''s']
            SELECT * FROM t WHERE s.t.id = -5 AND b = TRUE                        | 0 | T [T.ID=-5 and B=TRUE]
            SELECT * FROM t WHERE a = ? AND (id = ? AND (c = ?))                  | 3 | T [A=?1 and (ID=?2 and C=?3)]
            SELECT ? FROM t WHERE a > ? AND id = ?                                | 3 | T [ID=?3]
            SELECT * FROM t WHERE id = ?2 AND v = ?1                              | 2 | T [ID=?2 and V=?1]
            SELECT * FROM t WHERE id = $1                                         | 1 | T [ID=?1]
            SELECT * FROM t WHERE id = ? OR v = ?                                 | 2 | T [ID=?1 or V=?2]
            SELECT * FROM t WHERE id = 1 OR id IN (2, ?)                          | 1 | T [ID=1 or ID=2,?1]
            SELECT * FROM t WHERE id = 1 OR id > 2                                | 0 | T
            SELECT * FROM t WHERE a = 1 AND (id = ? OR v = ?)                     | 2 | T [A=1 and (ID=?1 or V=?2)]
            SELECT * FROM t WHERE NOT id = 5                                      | 0 | T
            SELECT * FROM t WHERE id = 5 + 1                                      | 0 | T
            SELECT * FROM t WHERE id <> 5 AND a IS NULL                           | 0 | T
            SELECT * FROM t WHERE id = v AND id = NULL                            | 0 | T [ID=V]
            SELECT * FROM t WHERE 1 = 1                                           | 0 | T
            SELECT * FROM t WHERE today = 5 AND current_date = 5                  | 0 | T [TODAY=5]
            SELECT * FROM t WHERE a BETWEEN 1 AND 2 AND id = 3                    | 0 | T [ID=3]
            SELECT * FROM t WHERE a BETWEEN b AND id = 3                          | 0 | T
            SELECT * FROM t WHERE CASE WHEN a = 1 AND b = 2 THEN c END AND id = 3 | 0 | T [ID=3]
            SELECT * FROM t WHERE id IN (1) AND (a, b) = (1, 2)                   | 0 | T [ID=1 and (A=1 and B=2)]
            SELECT * FROM t WHERE id = (5) AND f(x) = 5                           | 0 | T
            SELECT * FROM t WHERE id = 5 ORDER BY 1 LIMIT 1                       | 0 | T [ID=5]
            SELECT * FROM t WHERE id = 5 UNION SELECT * FROM u                    | 0 | T [ID=5]; U
            SELECT * FROM (SELECT * FROM t WHERE id = 5)                          | 0 | -; T [ID=5]
            SELECT * FROM t WHERE id = 5 AND v = SELECT 1                         | 0 | T [ID=5]; -
            SELECT * FROM t WHERE EXISTS (SELECT * FROM u WHERE u.id = t.id)      | 0 | T; U in 0 [U.ID=T.ID]
            SELECT * FROM t JOIN u ON t.id = u.id WHERE u.a = 1                   | 0 | T,U [T.ID=U.ID] [U.A=1]
            SELECT * FROM t LEFT JOIN u ON t.id = u.id WHERE t.b = 2              | 0 | T,U 1-2[T.ID=U.ID] [T.B=2]
            SELECT * FROM t HAVING id = 5                                         | 0 | T
            SELECT '?', "?", $$?$$ /* ? */ FROM t WHERE id = ? -- ?               | 1 | T [ID=?1]
            UPDATE t SET v = ? WHERE id = ?                                       | 2 | T [ID=?2]; UPDATE V:?1
            UPDATE t SET id = 7                                                   | 0 | T; UPDATE ID:7
            DELETE FROM t WHERE id = 5                                            | 0 | T [ID=5]; DELETE
            EXPLAIN DELETE FROM t WHERE id = 5                                    | 0 | T [ID=5], not run
            INSERT INTO t(id, v) VALUES (?, 'x')                                  | 1 | INSERT ID,V(?1,'x')
            INSERT INTO t(id, v) VALUES ROW(1, 2 + 3)                             | 0 | INSERT ID,V(1,_)
            INSERT INTO t(id, v) VALUES (1, 2), (3, 4)                            | 0 | INSERT ID,V(1,2)(3,4)
            INSERT INTO t VALUES (1, 2)                                           | 0 | INSERT(1,2)
            INSERT INTO t(id) SELECT 1                                            | 0 | -; INSERT ID
            INSERT INTO t(id, v) VALUES (DEFAULT, NULL)                           | 0 | INSERT ID,V(DEFAULT,_)
            INSERT INTO t SET id = 1, v = ?                                       | 1 | INSERT ID,V(1,?1)
            MERGE INTO t(id, v) KEY(id) VALUES (?, ?)                             | 2 | MERGE ID,V(?1,?2)
            REPLACE INTO t(id, v) VALUES (1, 2)                                   | 0 | REPLACE ID,V(1,2)
            """)
    void holdsOnlyWhatIsSure(String statement, int parameters, String structure) {
        Statement.Sql sql = Parsed.sql(statement);
        assertThat(text(sql.structure())).isEqualTo(structure);
        assertThat(sql.parameterCount()).isEqualTo(parameters);
    }

    static String text(Structure structure) {
        Stream<String> blocks = structure.blocks().stream().map(StructureTest::block);
        Stream<String> change = Stream.ofNullable(structure.change()).map(StructureTest::change);
        return Stream.concat(blocks, change).collect(joining("; ")) + (structure.isRun() ? "" : ", not run");
    }

    private static String block(Block block) {
        int size = block.tables().size();
        return (block.tables().isEmpty() ? "-" : list(block.tables(), ",", table -> table.qualifier()))
                + (block.outer() < 0 ? "" : " in " + block.outer())
                + list(
                        block.restrictions(),
                        "",
                        one -> (one.from() == 0 && one.to() == size ? " [" : " " + one.from() + "-" + one.to() + "[")
                                + condition(one.condition())
                                + "]");
    }

    private static String change(Change change) {
        String brought = change.verb()
                + (change.columns().isEmpty() ? "" : " " + String.join(",", change.columns()))
                + list(change.rows(), "", StructureTest::row);
        return change.assignments() == null
                ? brought + " ?"
                : brought + list(change.assignments(), "", one -> " " + one.column() + ":" + value(one.value()));
    }

    private static String row(Row row) {
        return "(" + list(row.cells(), ",", StructureTest::value) + ")";
    }

    private static String condition(Condition condition) {
        if (condition instanceof Condition.In in) {
            return column(in.column()) + "=" + list(in.values(), ",", StructureTest::value);
        }
        if (condition instanceof Condition.Same same) {
            return column(same.left()) + "=" + column(same.right());
        }
        if (condition instanceof Condition.And and) {
            return list(and.parts(), " and ", StructureTest::nested);
        }
        return list(((Condition.Or) condition).parts(), " or ", StructureTest::nested);
    }

    private static String nested(Condition condition) {
        boolean isAtom = condition instanceof Condition.In || condition instanceof Condition.Same;
        return isAtom ? condition(condition) : "(" + condition(condition) + ")";
    }

    private static String column(Column column) {
        return (column.table() == null ? "" : column.table() + ".") + column.name();
    }

    private static String value(Value value) {
        if (value instanceof Value.Parameter parameter) {
            return "?" + parameter.index();
        }
        if (value instanceof Value.Literal literal) {
            return literal.text();
        }
        return value instanceof Value.Default ? "DEFAULT" : "_";
    }

    private static <T> String list(List<T> parts, String between, Function<T, String> text) {
        return parts.stream().map(text).collect(joining(between));
    }
}
