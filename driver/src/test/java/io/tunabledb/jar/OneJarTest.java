package io.tunabledb.jar;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.jdbc.TunableDriver;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** The jar that users get. Runs after it is packed, with it and an application's own H2 on the class path. */
class OneJarTest {
    private static final long MAX_BYTES = 25_000_000;

    private static Path jar() throws URISyntaxException {
        return Path.of(TunableDriver.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    }

    /** What else had a name of its own would be found by an application that has another version of it. */
    @Test
    void hasNothingThatAnApplicationCouldMistakeForItsOwn() throws IOException, URISyntaxException {
        try (JarFile jar = new JarFile(jar().toFile())) {
            List<String> names = jar.stream()
                    .filter(entry -> !entry.isDirectory())
                    .map(ZipEntry::getName)
                    .toList();
            assertThat(names)
                    .filteredOn(name -> name.endsWith(".class"))
                    .allMatch(name -> name.startsWith("io/tunabledb/") || name.startsWith("org/apache/ratis/"));
            assertThat(names)
                    .contains("META-INF/THIRD-PARTY.txt", "META-INF/LICENSE", "META-INF/NOTICE")
                    .doesNotContain("META-INF/services/org.h2.Driver");
        }
        assertThat(jar().toFile().length()).isLessThan(MAX_BYTES);
    }

    @Test
    void leavesTheNamesOfOtherDriversToThem() throws SQLException {
        try (Connection ours = DriverManager.getConnection("jdbc:tunable:mem:onejar");
                Statement statement = ours.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, V VARCHAR)");
            statement.execute("INSERT INTO T VALUES (1, 'ours')");
            assertThat(DriverManager.drivers().map(driver -> driver.getClass().getName()))
                    .noneMatch(name -> name.startsWith("io.tunabledb.shaded"));
            try (Connection theirs = DriverManager.getConnection("jdbc:h2:mem:onejar")) {
                assertThat(theirs.getClass().getName()).startsWith("org.h2.");
                assertThat(theirs.getMetaData().getDatabaseProductVersion())
                        .isNotEqualTo(ours.getMetaData().getDatabaseProductVersion());
            }
            try (ResultSet rows = statement.executeQuery("SELECT V FROM T")) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getString(1)).isEqualTo("ours");
            }
        }
    }

    /** H2 has its texts in an archive inside its jar, and finds them by name. */
    @Test
    void findsTheTextsOfItsH2() throws SQLException {
        try (Connection ours = DriverManager.getConnection("jdbc:tunable:mem:onejartexts");
                Statement statement = ours.createStatement();
                ResultSet rows = statement.executeQuery("HELP CREATE TABLE")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getString("SYNTAX")).contains("CREATE");
        }
    }
}
