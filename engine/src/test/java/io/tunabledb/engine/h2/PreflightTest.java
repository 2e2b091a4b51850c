package io.tunabledb.engine.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.ddl.change.SchemaChangeResult;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is tried before it is proposed: on which schema, and what is refused because of what it would leave behind. */
final class PreflightTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Replicas replicas = new Replicas();

    @AfterEach
    void close() {
        replicas.close();
    }

    private @Nullable SchemaChangeResult refusal(String sql) {
        return replicas.leader.trying().preflight(new SchemaChange("PUBLIC", sql), PATIENCE, catalog -> {});
    }

    private void triedAndDefined(String sql) {
        assertThat(refusal(sql)).as(sql).isNull();
        replicas.defined(sql);
    }

    private Storage copy() throws Exception {
        TrialSchema trials = replicas.leader.trying().trials();
        assertThat(trials.enter(PATIENCE)).isTrue();
        try {
            return trials.current(PATIENCE);
        } finally {
            trials.exit();
        }
    }

    @Test
    void oneCopyServesAsLongAsNothingElseChangesTheSchema() throws Exception {
        for (int i = 0; i < 20; i++) {
            triedAndDefined("CREATE TABLE T" + i + "(X INT PRIMARY KEY, Y INT)");
            triedAndDefined("ALTER TABLE T" + i + " DROP COLUMN Y");
        }
        assertThat(replicas.leader.trying().trials().copies()).isEqualTo(1);
        assertThat(copy().hasTable("PUBLIC", "T19")).isTrue();
        assertThat(replicas.leader.trying().trials().copies()).isEqualTo(1);
    }

    /** Nobody could read it, and INFORMATION_SCHEMA neither. The last of the definitions is the one that closes the circle. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE VIEW V AS SELECT 1 A; CREATE OR REPLACE VIEW V AS SELECT (SELECT A FROM V) A",
                "CREATE VIEW V AS SELECT 1 A; CREATE OR REPLACE VIEW V AS SELECT EXISTS(SELECT * FROM V) A",
                "CREATE VIEW V AS SELECT 1 A; CREATE OR REPLACE VIEW V AS SELECT A FROM V",
                "CREATE VIEW V AS SELECT 1 A; CREATE VIEW W AS SELECT (SELECT A FROM V) A;"
                        + " CREATE OR REPLACE VIEW V AS SELECT (SELECT A FROM W) A",
                "CREATE VIEW V AS SELECT 1 A; CREATE VIEW W AS SELECT * FROM V; CREATE OR REPLACE VIEW V AS SELECT * FROM W",
                "CREATE VIEW V AS SELECT 1 A; CREATE SYNONYM Y FOR V; CREATE OR REPLACE VIEW V AS SELECT (SELECT A FROM Y) A",
                "CREATE VIEW V AS SELECT 1 A; CREATE FORCE VIEW F AS SELECT * FROM V;"
                        + " CREATE OR REPLACE VIEW V AS SELECT (SELECT MAX(A) FROM F) A",
                "CREATE VIEW V AS WITH RECURSIVE V(N) AS (SELECT 1 UNION ALL SELECT N + 1 FROM V WHERE N < 5) SELECT * FROM V",
                "CREATE VIEW V AS SELECT 1 A;"
                        + " CREATE OR REPLACE VIEW V AS SELECT A, SUM(A) OVER () S FROM (SELECT A FROM V)"
            })
    void noViewReadsItself(String definitions) {
        String[] each = definitions.split("; *", -1);
        for (int i = 0; i < each.length - 1; i++) {
            triedAndDefined(each[i]);
        }
        SchemaChangeResult refusal = refusal(each[each.length - 1]);
        assertThat(refusal).as(definitions).isNotNull();
        assertThat(refusal.sqlState()).as(refusal.message()).isIn("TC005", "TC006");
    }

    /** H2 fails in them when anybody reads them, or INFORMATION_SCHEMA, as each snapshot is looked at. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE VIEW V AS SELECT * FROM (SELECT T.A FROM T LEFT JOIN U ON T.A = K) Q",
                "CREATE VIEW V AS SELECT * FROM (SELECT T.A FROM T RIGHT JOIN U ON T.A = U.A AND K = U.A) Q",
                "CREATE VIEW V AS SELECT (SELECT COUNT(*) FROM (SELECT T.A FROM T LEFT JOIN U ON T.A = K) Q) N",
                "CREATE VIEW W AS SELECT 1 A; CREATE OR REPLACE VIEW W AS"
                        + " SELECT * FROM (SELECT T.A FROM T LEFT JOIN U ON T.A = PUBLIC.K) Q"
            })
    void noViewThatStorageFailsIn(String definitions) throws Exception {
        triedAndDefined("CREATE CONSTANT K VALUE 1");
        triedAndDefined("CREATE TABLE T(A INT)");
        triedAndDefined("CREATE TABLE U(A INT)");
        String[] each = definitions.split("; *", -1);
        for (int i = 0; i < each.length - 1; i++) {
            triedAndDefined(each[i]);
        }
        SchemaChangeResult refusal = refusal(each[each.length - 1]);
        assertThat(refusal).as(definitions).isNotNull();
        assertThat(refusal.sqlState()).isEqualTo("TC005");
        assertThat(refusal.message()).contains("could not be read");
        triedAndDefined("CREATE VIEW SAME AS SELECT T.A FROM T LEFT JOIN U ON T.A = K");
        triedAndDefined("CREATE VIEW LIKEWISE AS SELECT * FROM (SELECT T.A FROM T JOIN U ON T.A = K) Q");
        triedAndDefined("CREATE VIEW ALSO AS WITH Q AS (SELECT T.A FROM T LEFT JOIN U ON T.A = K) SELECT * FROM Q");
        assertThat(Restorable.fault(replicas.leader)).isEmpty();
    }

    /** The same name twice is no circle. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE VIEW CC AS SELECT X CC, SUM(X) OVER () S FROM SYSTEM_RANGE(1, 3); CREATE VIEW S AS SELECT CC FROM CC",
                "CREATE VIEW V AS SELECT 1 A; CREATE VIEW W AS SELECT V.A, U.A B FROM V CROSS JOIN V U WHERE V.A IN (SELECT A FROM V)",
                "CREATE VIEW R AS WITH RECURSIVE C(N) AS (SELECT 1 UNION ALL SELECT N + 1 FROM C WHERE N < 5) SELECT * FROM C",
                "CREATE SCHEMA O; CREATE VIEW O.V AS SELECT 1 A; CREATE VIEW V AS SELECT (SELECT A FROM O.V) A"
            })
    void viewsThatOnlyLookLikeIt(String definitions) {
        for (String each : definitions.split("; *", -1)) {
            triedAndDefined(each);
        }
    }

    /** Whoever executes it reads the catalog it makes, on the apply thread. */
    @Test
    void aCatalogThatCantBeReadIsNotMade() {
        SchemaChangeResult refusal = replicas.leader
                .trying()
                .preflight(new SchemaChange("PUBLIC", "CREATE TABLE T(X INT)"), PATIENCE, catalog -> {
                    throw new IllegalStateException("not this one");
                });
        assertThat(refusal).isNotNull();
        assertThat(refusal.sqlState()).isEqualTo("TC005");
        assertThat(refusal.message()).contains("not this one");
    }

    @Test
    void whatWasExecutedUntriedIsInTheNextCopy() throws Exception {
        triedAndDefined("CREATE TABLE T(X INT)");
        replicas.defined("CREATE TABLE U(X INT)");
        assertThat(copy().hasTable("PUBLIC", "U")).isTrue();
        assertThat(replicas.leader.trying().trials().copies()).isEqualTo(2);
    }

    @Test
    void whatWasTriedOnlyIsNot() throws Exception {
        triedAndDefined("CREATE TABLE T(X INT)");
        assertThat(refusal("CREATE TABLE U(X INT)")).isNull();
        assertThat(copy().hasTable("PUBLIC", "U")).isFalse();
        assertThat(copy().hasTable("PUBLIC", "T")).isTrue();
    }

    @Test
    void norIsWhatOthersExecutedInItsPlace() throws Exception {
        assertThat(refusal("CREATE TABLE U(X INT)")).isNull();
        replicas.defined("CREATE TABLE V(X INT)");
        assertThat(copy().hasTable("PUBLIC", "U")).isFalse();
        assertThat(copy().hasTable("PUBLIC", "V")).isTrue();
    }

    @Test
    void norWhatFailedOnRows() throws Exception {
        triedAndDefined("CREATE TABLE T(X INT)");
        replicas.write("INSERT INTO T VALUES (1), (1)");
        String unique = "ALTER TABLE T ADD CONSTRAINT ONCE UNIQUE(X)";
        assertThat(refusal(unique)).isNull();
        assertThat(replicas.define(unique).ok()).isFalse();
        // the copy with the constraint would say that there is one already
        triedAndDefined("ALTER TABLE T ADD CONSTRAINT ONCE CHECK (X < 5)");
        assertThat(copy().hasTable("PUBLIC", "T")).isTrue();
    }

    @Test
    void aClosedReplicaTriesNothing() {
        replicas.leader.close();
        // no copy is left open either, but that only a heap would show
        assertThat(refusal("CREATE TABLE T(X INT)")).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE TABLE T(X INT); CREATE VIEW V AS SELECT X FROM T;"
                        + "CREATE TABLE D(Y INT DEFAULT (SELECT MAX(X) FROM V)); CREATE OR REPLACE VIEW V AS SELECT 1 AS Z",
                "CREATE TABLE T(X INT, Y INT); CREATE TABLE D(Y INT DEFAULT (SELECT MAX(X) FROM T));"
                        + "ALTER TABLE T DROP COLUMN X",
                "CREATE TABLE T(X INT, Y INT); CREATE TABLE D(Y INT CHECK (Y > (SELECT MIN(X) FROM T)));"
                        + "ALTER TABLE T DROP COLUMN X",
                "CREATE TABLE T(X INT); CREATE DOMAIN D AS INT CHECK (VALUE IN (SELECT X FROM T)); DROP TABLE T",
                "CREATE SEQUENCE S; CREATE DOMAIN D AS INT DEFAULT NEXT VALUE FOR S; DROP SEQUENCE S"
            })
    void whatLeavesAnotherObjectWithoutWhatItReadsIsRefused(String definitions) throws Exception {
        String[] all = definitions.split(";", -1);
        for (int i = 0; i < all.length - 1; i++) {
            triedAndDefined(all[i]);
        }
        SchemaChangeResult result = refusal(all[all.length - 1]);
        if (result == null) {
            // H2 refuses it by itself
            result = replicas.define(all[all.length - 1]);
        } else if (result.sqlState().equals("TC005")) {
            assertThat(result.message()).contains("drop or change that first. Nothing was changed");
        }
        assertThat(result.ok()).isFalse();
        Storage.load("restored", new ByteArrayInputStream(Replicas.snapshot(replicas.leader)))
                .close();
    }

    @Test
    void aViewMayLoseWhatItsSubqueryReads() throws Exception {
        triedAndDefined("CREATE TABLE T(X INT)");
        triedAndDefined("CREATE VIEW A AS SELECT X FROM T");
        triedAndDefined("CREATE VIEW B AS SELECT (SELECT MAX(X) FROM A) AS M, (SELECT MAX(X) FROM T) AS N");
        triedAndDefined("DROP VIEW A");
        triedAndDefined("DROP TABLE T");
        assertThat(replicas.leader.catalog()).doesNotContainKey("view.PUBLIC.B");
        triedAndDefined("CREATE TABLE T(X INT)");
        triedAndDefined("DROP VIEW B");
    }
}
