package io.tunabledb.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

/** The measurement runs and says something of every statement; what it says is no test's business. */
class ShardCostTest {
    @Test
    void everyStatementHasALine() {
        StringWriter text = new StringWriter();
        int exit = Main.run(
                new PrintWriter(text),
                "bench",
                "shards",
                "--levels=EVENTUAL,LINEARIZABLE",
                "--threads=1,2",
                "--rounds=4",
                "--millis=1",
                "--warm-up=0");
        assertThat(text.toString()).isNotEmpty();
        assertThat(exit).as(text.toString()).isZero();
        assertThat(text.toString().lines().filter(line -> line.matches("\\S.* us .* us  \\d+\\.\\d{3} \\(.*")))
                .hasSize(12)
                .anyMatch(line -> line.startsWith("LINEARIZABLE "))
                .anyMatch(line -> line.startsWith("transaction "));
    }
}
