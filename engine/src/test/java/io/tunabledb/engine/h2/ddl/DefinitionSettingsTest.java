package io.tunabledb.engine.h2.ddl;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.h2.Replicas;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.ddl.change.SchemaChangeResult;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Settings that come with a definition are there with it, or not at all. */
final class DefinitionSettingsTest {
    private static final String READ = "table.read.PUBLIC.";

    private final Replicas replicas = new Replicas();

    @AfterEach
    void close() {
        replicas.close();
    }

    private SchemaChangeResult define(String sql, Map<String, String> settings) {
        return replicas.define(new SchemaChange("PUBLIC", sql, settings));
    }

    @Test
    void comeWithTheirTableAndGoWithIt() throws Exception {
        define("CREATE TABLE T(I INT)", Map.of(READ + "T", "EVENTUAL", "other", "1"));
        assertThat(replicas.leader.own().settings()).isEqualTo(Map.of(READ + "T", "EVENTUAL", "other", "1"));
        define("ALTER TABLE T RENAME TO U", Map.of());
        replicas.reloadFollower();
        assertThat(replicas.follower.own().settings()).isEqualTo(Map.of(READ + "U", "EVENTUAL", "other", "1"));
        define("", Map.of(READ + "U", "SEQUENTIAL"));
        assertThat(replicas.leader.own().settings()).containsEntry(READ + "U", "SEQUENTIAL");
        define("DROP TABLE U", Map.of());
        assertThat(replicas.leader.own().settings()).isEqualTo(Map.of("other", "1"));
        replicas.assertSame();
    }

    @Test
    void areNotPutWhenTheStatementFails() throws Exception {
        replicas.defined("CREATE TABLE T(I INT)");
        assertThat(define("CREATE TABLE T(I INT)", Map.of(READ + "T", "EVENTUAL"))
                        .sqlState())
                .isEqualTo("42S01");
        assertThat(define("CREATE TABLE U(I NONSENSE)", Map.of(READ + "U", "EVENTUAL"))
                        .ok())
                .isFalse();
        assertThat(replicas.leader.own().settings()).isEmpty();
        replicas.assertSame();
    }

    @Test
    void ofATableThatIsThereStayWithIfNotExists() throws Exception {
        define("CREATE TABLE T(I INT)", Map.of(READ + "T", "EVENTUAL"));
        assertThat(define("CREATE TABLE IF NOT EXISTS T(I INT)", Map.of(READ + "T", "STRONG"))
                        .ok())
                .isTrue();
        assertThat(replicas.leader.own().settings()).isEqualTo(Map.of(READ + "T", "EVENTUAL"));
        define("CREATE TABLE IF NOT EXISTS U(I INT)", Map.of(READ + "U", "SEQUENTIAL"));
        assertThat(replicas.leader.own().settings()).containsEntry(READ + "U", "SEQUENTIAL");
    }
}
