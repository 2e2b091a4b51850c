package io.tunabledb.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.jdbc.TunableDataSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hibernate.SessionFactory;
import org.hibernate.jpa.HibernatePersistenceConfiguration;
import org.hibernate.tool.schema.Action;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the README and its pages show is code that compiles and runs, and what they link to is there. */
class ReadmeTest {
    private static final Path ROOT = root();
    private static final Pattern SNIPPET = Pattern.compile("(?ms)^ *// readme: (\\w+)\\n(.*?)^ *// end$");

    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]+)\\)");

    private static final List<String> PAGES = List.of(
            "README.md",
            "driver/TOOLS.md",
            "driver/URL.md",
            "driver/DIFFERENCES.md",
            "engine/TRANSACTIONS.md",
            "engine/RULES.md",
            "engine/SHARDS.md",
            "engine/SERVED.md",
            "engine/FAULTS.md");

    private static final String URL = "jdbc:tunable:mem:shop";

    private Connection keeper;

    private static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("README.md"))) {
            folder = folder.getParent();
        }
        return folder;
    }

    private static String read(String file) {
        try {
            return Files.readString(ROOT.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @BeforeEach
    void open() throws SQLException {
        keeper = DriverManager.getConnection(URL);
    }

    @AfterEach
    void close() throws SQLException {
        keeper.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "driver/src/test/java/io/tunabledb/integration/Snippets.java",
                "examples/spring/src/main/java/io/tunabledb/examples/spring/Shop.java"
            })
    void thePagesShowTheCodeThatIsTested(String file) {
        String pages = PAGES.stream().map(ReadmeTest::read).collect(Collectors.joining("\n"));
        Map<String, String> snippets = new TreeMap<>();
        Matcher matcher = SNIPPET.matcher(read(file));
        while (matcher.find()) {
            snippets.put(matcher.group(1), matcher.group(2).stripTrailing().stripIndent() + "\n");
        }
        assertThat(snippets).isNotEmpty();
        snippets.forEach(
                (name, code) -> assertThat(pages).as("the snippet %s", name).contains("```java\n" + code + "```"));
    }

    @Test
    void everyToolHasItsSection() {
        assertThat(read("driver/TOOLS.md"))
                .contains(List.of(
                        "## HikariCP",
                        "## Flyway and Liquibase",
                        "## jOOQ",
                        "## Hibernate",
                        "## Spring Boot",
                        "## Shell"));
    }

    @Test
    void everyPageIsLinkedAndEveryLinkLeadsSomewhere() {
        Set<String> linked = LINK.matcher(read("README.md"))
                .results()
                .map(link -> link.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(linked)
                .containsAll(PAGES.subList(1, PAGES.size()))
                .allSatisfy(page -> assertThat(ROOT.resolve(page)).exists());
    }

    /** EVENTUAL: the row as it is now, as it was before, or none yet. */
    @Test
    void theFirstExampleRuns() throws Exception {
        Path folder = Path.of("data");
        assertThat(folder).as("where it is going to write").doesNotExist();
        PrintStream out = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            Snippets.first();
            Snippets.first();
        } finally {
            System.setOut(out);
            delete(folder);
        }
        assertThat(printed.toString(StandardCharsets.UTF_8).lines())
                .as("one line a run, if that replica has the row")
                .hasSizeBetween(1, 2)
                .allMatch(line -> line.matches("(9|10), Receipt\\[asked=.*EVENTUAL.*"));
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Test
    void hikariRuns() throws SQLException {
        Snippets.hikari();
        assertThat(count("item")).isZero();
    }

    @Test
    void flywayRuns() throws SQLException {
        Snippets.flyway();
        assertThat(count("customer")).isEqualTo(2);
    }

    @Test
    void liquibaseRuns() throws Exception {
        Snippets.liquibase();
        assertThat(count("author")).isEqualTo(1);
    }

    @Test
    void jooqRuns() throws SQLException {
        try (Statement statement = keeper.createStatement()) {
            statement.execute("CREATE TABLE item(id INT PRIMARY KEY, stock INT)");
        }
        assertThat(Snippets.jooq(new TunableDataSource(URL)))
                .extracting(receipt -> receipt.asked().text())
                .containsExactly("LINEARIZABLE", "BOUNDED_STALENESS (5 SECONDS)", "EVENTUAL");
    }

    @Test
    void hibernateRuns() {
        try (SessionFactory factory = new HibernatePersistenceConfiguration("readme")
                .jdbcUrl(URL)
                .managedClasses(Snippets.Post.class)
                .schemaToolingAction(Action.CREATE)
                .createEntityManagerFactory()) {
            factory.inTransaction(session -> session.persist(new Snippets.Post()));
            assertThat(Snippets.hibernate(factory)).hasSize(1);
        }
    }

    private int count(String table) throws SQLException {
        try (Statement statement = keeper.createStatement();
                var rows = statement.executeQuery("SELECT COUNT(*) FROM " + table + " WITH CONSISTENCY LINEARIZABLE")) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
