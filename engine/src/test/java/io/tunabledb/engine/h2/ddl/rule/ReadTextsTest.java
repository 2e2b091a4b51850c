package io.tunabledb.engine.h2.ddl.rule;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.h2.sql.SqlTokens;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReadTextsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE DOMAIN d INT COMMENT RAND()",
                "CREATE DOMAIN d INT DEFAULT (SELECT MAX(v) FROM t) COMMENT RAND() CHECK ( TRUE )",
                "CREATE DOMAIN d INT DEFAULT 5 COMMENT RAND()",
                "CREATE DOMAIN d VARCHAR DEFAULT 'a' || 'b' COMMENT RAND()",
                "CREATE DOMAIN d INT COMMENT IS RANDOM_UUID()",
                "CREATE TABLE t(a INT COMMENT 'a' || RAND())",
                "CREATE TABLE t(a INT COMMENT 'a' LIKE RAND())",
                "CREATE TABLE t(a INT COMMENT CASE WHEN RAND() < 0.5 THEN 'a' ELSE 'b' END)",
                "CREATE TABLE t(a INT, b NUMERIC(4, 2) NOT NULL COMMENT (CURRENT_TIMESTAMP))",
                "ALTER TABLE t ADD COLUMN b INT ARRAY DEFAULT ARRAY[1] COMMENT CURRENT_USER",
                "ALTER TABLE t ALTER COLUMN b BIGINT COMMENT 'a'::VARCHAR || RAND()",
                "CREATE INDEX i COMMENT RAND() ON t(a)",
                "CREATE VIEW v(a) COMMENT RAND() AS SELECT 1",
                "ALTER TABLE t ADD CONSTRAINT c COMMENT 1 + RAND() CHECK (a > 0)",
                "CREATE TABLE t(a INT) COMMENT = RAND()",
                "CREATE TABLE t(e ENUM('a', 'b' || RAND()))",
                "CREATE DOMAIN d AS ENUM(RANDOM_UUID())",
            })
    void whatIsComputedIsRefused(String sql) {
        assertThat(ReadTexts.refusal(sql, SqlTokens.of(sql))).contains("one literal");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE DOMAIN d INT COMMENT 'RAND()' CHECK (VALUE > 0)",
                "CREATE TABLE t(a INT COMMENT 'it''s', b INT COMMENT $$b$$ NOT NULL, comment VARCHAR(20))",
                "CREATE TABLE t(comment VARCHAR(20) COMMENT IS 'c', CHECK (LENGTH(comment) > 3 AND comment <> 'x' || comment))",
                "CREATE TABLE t(id INT, \"COMMENT\" VARCHAR GENERATED ALWAYS AS (UPPER(t.comment)))",
                "CREATE TABLE IF NOT EXISTS comment(id INT, PRIMARY KEY (comment, id))",
                "CREATE TABLE comment(id INT)",
                "ALTER TABLE t ADD comment CLOB",
                "ALTER TABLE t ADD COLUMN IF NOT EXISTS comment CLOB BEFORE comment",
                "ALTER TABLE t ALTER COLUMN comment SET DATA TYPE VARCHAR(40)",
                "ALTER TABLE s.comment ADD x INT COMMENT 'x'",
                "CREATE TABLE t(a INT COMMENT 'a', e ENUM('a', 'it''s', 'b')) ENGINE=InnoDB COMMENT='orders' CHARSET=utf8",
                "CREATE TABLE enum(id INT REFERENCES enum(id))",
                "CREATE INDEX comment ON t(a DESC, comment)",
                "CREATE VIEW v COMMENT 'x' AS SELECT id comment, RAND() FROM comment",
                "COMMENT ON TABLE comment IS 'x'",
                "COMMENT ON COLUMN t.comment IS 'x'",
                "CREATE SEQUENCE comment START WITH 5",
            })
    void literalsAndNamesAreNot(String sql) {
        assertThat(ReadTexts.refusal(sql, SqlTokens.of(sql))).isNull();
    }
}
