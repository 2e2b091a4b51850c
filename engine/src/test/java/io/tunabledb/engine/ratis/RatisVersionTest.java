package io.tunabledb.engine.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class RatisVersionTest {

    /** Fails with an upgrade, which is a decision: go through this package's DESIGN.md first. */
    @Test
    void thePinnedVersionIsFound() {
        assertThat(RatisVersion.NEEDED).isEqualTo("3.3.0");
        assertThat(RatisVersion.found()).isEqualTo("3.3.0");
    }

    @Test
    void anotherIsRefusedWithWhatToWrite() {
        assertThatThrownBy(() -> RatisVersion.require("3.2.1"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("runs on Apache Ratis 3.3.0, but the class path has Ratis 3.2.1: depend on");
    }
}
