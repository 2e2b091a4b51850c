package io.tunabledb.engine.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.h2.catalog.SystemSchema;
import io.tunabledb.engine.h2.sharding.ShardOf;
import io.tunabledb.engine.h2.snapshot.Pin;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A snapshot that would not come back as what it was written from is found out, whatever is different. */
final class SnapshotCheckTest {
    private static final List<String> SCHEMA = List.of(
            "CREATE SEQUENCE S",
            "CREATE DOMAIN D AS INT DEFAULT 1",
            "CREATE CONSTANT K VALUE 1",
            "CREATE TABLE T(I INT PRIMARY KEY, V VARCHAR(10) DEFAULT 'x', D D)",
            "CREATE TABLE U(I INT DEFAULT NEXT VALUE FOR S)",
            "CREATE INDEX X ON T(V)",
            "CREATE VIEW W AS SELECT I FROM T");

    private final SnapshotCheck check = new SnapshotCheck("check", SystemSchema.EMPTY, ShardOf.ONLY);
    private final Replicas one = new Replicas();
    private final Replicas other = new Replicas();

    @AfterEach
    void close() {
        one.close();
        other.close();
    }

    private void fill(Replicas replicas) throws Exception {
        replicas.defined(SCHEMA.toArray(String[]::new));
        replicas.write("INSERT INTO T(I) SELECT X FROM SYSTEM_RANGE(1, 3000)", "INSERT INTO U VALUES (DEFAULT)");
    }

    @Test
    void findsNothingInARightOne() throws Exception {
        fill(one);
        assertThat(differences(one, one)).containsOnlyNulls();
    }

    /** What is defined between the moment and the look at its schema is nothing that got lost. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "COMMENT ON TABLE T IS 'new'",
                "COMMENT ON COLUMN T.V IS 'new'",
                "COMMENT ON INDEX X IS 'new'",
                "COMMENT ON SCHEMA PUBLIC IS 'new'",
                "ALTER SEQUENCE S RESTART WITH 7",
                "ALTER SEQUENCE S MAXVALUE 99",
                "ALTER TABLE T ALTER COLUMN V SELECTIVITY 5",
                "ANALYZE",
                "CREATE VIEW Z AS SELECT 1 AS X",
                "DROP INDEX X"
            })
    void looksAwayWhenTheSchemaHasChangedSince(String definition) throws Exception {
        fill(one);
        try (Pin pin = one.leader.pin()) {
            one.defined(definition);
            pin.noteSchema();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            pin.writeTo(out);
            assertThat(check.difference(pin, new ByteArrayInputStream(out.toByteArray()), true))
                    .isNull();
        }
    }

    /** Beside it another is written from a database that differs in one thing. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        UPDATE T SET V = 'y' WHERE I = 2999           | the rows of table PUBLIC.T
        DELETE FROM T WHERE I = 7                     | the rows of table PUBLIC.T
        ALTER SEQUENCE S RESTART WITH 7               | PUBLIC.S
        ALTER SEQUENCE S MAXVALUE 99                  | SEQUENCE_NAME=S
        ALTER TABLE T ALTER COLUMN V SET DEFAULT 'y'  | COLUMN_NAME=V
        ALTER TABLE T ALTER COLUMN V SET INVISIBLE    | COLUMN_NAME=V
        ALTER TABLE T ALTER COLUMN V SET ON UPDATE 'a'| COLUMN_NAME=V
        ALTER TABLE T ADD CONSTRAINT C CHECK (I > 0)  | CONSTRAINT_NAME=C
        ALTER TABLE T ADD CONSTRAINT C UNIQUE(V, I)   | CONSTRAINT_NAME=C
        ALTER DOMAIN D ADD CONSTRAINT C CHECK(VALUE>0)| CONSTRAINT_NAME=C
        ALTER DOMAIN D SET ON UPDATE 5                | COLUMN_NAME=D
        CREATE OR REPLACE VIEW W AS SELECT I+1 I FROM T | TABLE_NAME=W
        CREATE FORCE VIEW F AS SELECT I FROM NOTHING  | TABLE_NAME=F
        CREATE SYNONYM Y FOR T                        | SYNONYM_NAME=Y
        CREATE CONSTANT K2 VALUE 1                    | CONSTANT_NAME=K2
        CREATE INDEX X2 ON T(D)                       | INDEX_NAME=X2
        CREATE SCHEMA S2                              | SCHEMA=S2
        COMMENT ON TABLE T IS 'new'                   | REMARKS=new
        COMMENT ON COLUMN T.V IS 'new'                | REMARKS=new
        COMMENT ON SEQUENCE S IS 'new'                | REMARKS=new
        DROP INDEX X                                  | INDEX_NAME=X
        """)
    void findsWhatIsDifferent(String statement, String named) throws Exception {
        fill(one);
        fill(other);
        if (statement.startsWith("UPDATE") || statement.startsWith("DELETE")) {
            other.write(statement);
            one.define("DROP TABLE IF EXISTS NOTHING"); // an entry that changes nothing
        } else {
            other.defined(statement);
            one.define("DROP TABLE IF EXISTS NOTHING");
        }
        assertThat(differences(one, other)).doesNotContainNull();
        assertThat(differences(one, other).subList(1, 3))
                .allSatisfy(difference -> assertThat(difference).contains(named));
        assertThat(differences(other, one)).doesNotContainNull();
    }

    /**
     * What the snapshot of {@code written} is said to lack of {@code pinned}: by its script, by what users see, and with its
     * rows not kept.
     */
    private List<String> differences(Replicas pinned, Replicas written) throws Exception {
        byte[] snapshot = Replicas.snapshot(written.leader);
        try (Pin pin = pinned.leader.pin()) {
            pin.writeTo(new ByteArrayOutputStream());
            String bySchemaScript = check.difference(pin, new ByteArrayInputStream(snapshot), true);
            pin.noteSchema();
            return Arrays.asList(
                    bySchemaScript,
                    check.difference(pin, new ByteArrayInputStream(snapshot), true),
                    check.difference(pin, new ByteArrayInputStream(snapshot), false));
        }
    }

    @Test
    void findsWhatCantBeReadAtAll() throws Exception {
        fill(one);
        byte[] snapshot = Replicas.snapshot(one.leader);
        snapshot[snapshot.length / 2] ^= 1;
        try (Pin pin = one.leader.pin()) {
            pin.writeTo(new ByteArrayOutputStream());
            assertThat(check.difference(pin, new ByteArrayInputStream(snapshot), false))
                    .startsWith("it can't be read back");
        }
    }
}
