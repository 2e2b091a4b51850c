package io.tunabledb.durability;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.CheckedReplicas;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.h2.tools.Csv;
import org.h2.util.Utils;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database opens as it was closed after every form of definition that H2's grammar has; what is refused changes nothing. */
class DefinitionFormsTest {
    private static final Pattern FORM = Pattern.compile("(?:!(\\w{5}) )?(.*)", Pattern.DOTALL);
    private static final Pattern SNAPSHOT = Pattern.compile("snapshot\\.\\d+_(\\d+)");

    private static final List<String> SHOWN = Stream.concat(
                    SchemaPicture.TABLES.stream(), Stream.of("KEY_COLUMN_USAGE"))
            .sorted()
            .toList();
    /** What is estimated; what H2 keeps of a constant array's type. */
    private static final Set<String> NOT_KEPT = Set.of("LAST_MODIFICATION", "ROW_COUNT_ESTIMATE", "SELECTIVITY");

    @TempDir
    Path directory;

    /** A statement under its topic, and the SQLSTATE it is refused with, or "". */
    private record Form(String topic, String refusal, String sql) {}

    private static List<Form> forms() throws IOException {
        List<Form> forms = new ArrayList<>();
        String topic = "";
        for (String line : text(DefinitionFormsTest.class.getResourceAsStream("definition-forms.txt"))
                .split("\n", -1)) {
            if (line.startsWith("## ")) {
                topic = line.substring(3);
            } else if (!line.startsWith("#") && !line.isBlank()) {
                Matcher form = FORM.matcher(line.replace("\\n", "\n"));
                assertThat(form.matches()).isTrue();
                forms.add(new Form(topic, form.group(1) == null ? "" : form.group(1), form.group(2)));
            }
        }
        return forms;
    }

    private static String text(InputStream in) throws IOException {
        assertThat(in).isNotNull();
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return reader.lines().collect(Collectors.joining("\n"));
        }
    }

    @Test
    void coversEveryCommandOfH2() throws Exception {
        SortedSet<String> topics = new TreeSet<>();
        String help = new String(Utils.getResource("/org/h2/res/help.csv"), StandardCharsets.UTF_8);
        Csv csv = new Csv();
        csv.setLineCommentCharacter('#');
        try (ResultSet commands = csv.read(new StringReader(help), null)) {
            while (commands.next()) {
                if ("Commands (DDL)".equals(commands.getString(1))) {
                    topics.add(commands.getString(2));
                }
            }
        }
        assertThat(topics).hasSizeGreaterThan(50);
        SortedSet<String> covered = new TreeSet<>();
        forms().forEach(form -> covered.add(form.topic()));
        assertThat(covered).isEqualTo(topics);
    }

    @Test
    void opensAsItWasClosed() throws Exception {
        closedAndOpened(80);
    }

    @Test
    @Tag("campaign")
    void opensAsItWasClosedAfterEach() throws Exception {
        closedAndOpened(1);
    }

    private void closedAndOpened(int formsBetween) throws Exception {
        List<Form> forms = forms();
        List<String> surprises = new ArrayList<>();
        Path path = directory.resolve("db");
        String url = "jdbc:tunable:file:" + path
                + "?snapshotAfter=4000&electionTimeout=3000&consistencyTimeout=30000&definitionTimeout=30000";
        Map<String, Long> snapshots = Map.of();
        for (int from = 0; from < forms.size(); from += formsBetween) {
            List<Form> some = forms.subList(from, Math.min(forms.size(), from + formsBetween));
            List<String> before;
            try (Connection connection = DriverManager.getConnection(url);
                    Statement statement = connection.createStatement()) {
                for (Form form : some) {
                    execute(statement, form, surprises);
                }
                CheckedReplicas.assertSame(statement, "what was defined so far");
                before = shown(statement);
            }
            Map<String, Long> written = snapshots(path);
            assertThat(written.values()).as("each node has written a snapshot").hasSize(3);
            snapshots.forEach(
                    (node, index) -> assertThat(written.get(node)).as(node).isGreaterThan(index));
            snapshots = written;
            try (Connection connection = DriverManager.getConnection(url);
                    Statement statement = connection.createStatement()) {
                assertThat(shown(statement)).as("after " + some).isEqualTo(before);
                CheckedReplicas.assertSame(statement, "what was defined so far");
            }
        }
        assertThat(String.join("\n", surprises)).isEmpty();
    }

    private static void execute(Statement statement, Form form, List<String> surprises) throws SQLException {
        String state = "";
        String message = "";
        try {
            statement.execute(form.sql());
        } catch (SQLException e) {
            state = e.getSQLState();
            message = e.getMessage();
        }
        if (!state.equals(form.refusal())) {
            surprises.add(form + " came to " + state + " " + message);
        }
        try (ResultSet wrong = statement.executeQuery(
                "SELECT SNAPSHOT_ERROR FROM TUNABLE.REPLICAS WHERE SNAPSHOT_ERROR IS NOT NULL")) {
            if (wrong.next()) {
                surprises.add(form + " left " + wrong.getString(1));
            }
        }
    }

    /** The index of each node's newest snapshot. */
    private static Map<String, Long> snapshots(Path path) throws IOException {
        Map<String, Long> newest = new TreeMap<>();
        try (Stream<Path> files = Files.walk(path)) {
            files.forEach(file -> {
                Matcher name = SNAPSHOT.matcher(file.getFileName().toString());
                String node = path.relativize(file).getName(0).toString();
                if (name.matches() && !file.toString().contains("outbox")) {
                    newest.merge(node, Long.valueOf(name.group(1)), Math::max);
                }
            });
        }
        return newest;
    }

    private static List<String> shown(Statement statement) throws SQLException {
        List<String> shown = new ArrayList<>();
        for (String table : SHOWN) {
            try (ResultSet rows = statement.executeQuery("SELECT * FROM INFORMATION_SCHEMA." + table)) {
                List<String> some = new ArrayList<>();
                while (rows.next()) {
                    StringBuilder row = new StringBuilder(table);
                    for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                        String name = rows.getMetaData().getColumnName(i);
                        if (!NOT_KEPT.contains(name)) {
                            row.append(' ').append(name).append('=').append(rows.getString(i));
                        }
                    }
                    some.add(row.toString());
                }
                some.removeIf(row -> row.contains("_SCHEMA=INFORMATION_SCHEMA TABLE_NAME")
                        || row.contains("TABLE_NAME=LT")
                        || (table.equals("ELEMENT_TYPES") && row.contains("OBJECT_TYPE=CONSTANT")));
                some.sort(null);
                shown.addAll(some);
            }
        }
        return shown;
    }
}
