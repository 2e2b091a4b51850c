package io.tunabledb.engine.h2.internals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class H2VersionTest {

    /** Fails with an upgrade, which is a decision: go through this package's DESIGN.md first. */
    @Test
    void thePinnedVersionIsFound() {
        assertThat(H2Version.NEEDED).isEqualTo("2.5.252");
        assertThat(H2Version.found()).isEqualTo("2.5.252");
    }

    @Test
    void anotherIsRefusedWithWhatToWrite() {
        assertThatThrownBy(() -> H2Version.require("2.4.240"))
                .isInstanceOf(SQLException.class)
                .hasMessage("TunableDB runs on H2 2.5.252, but the class path has H2 2.4.240: depend on "
                        + "com.h2database:h2:2.5.252 (with Spring Boot's dependency management: "
                        + "<h2.version>2.5.252</h2.version>)")
                .extracting(e -> ((SQLException) e).getSQLState())
                .isEqualTo("08001");
    }
}
