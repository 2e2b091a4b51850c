package io.tunabledb.engine.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.ddl.change.SchemaChangeResult;
import io.tunabledb.engine.h2.snapshot.Pin;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** After definitions that depend on each other a snapshot comes back as what it was written from, or they are refused. */
final class SnapshotFormsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern LINE = Pattern.compile("(?:!(\\w{5}) )?(.*)", Pattern.DOTALL);

    /** The lines of one database each. */
    static Stream<List<String>> databases() throws IOException {
        try (InputStream in =
                        Objects.requireNonNull(SnapshotFormsTest.class.getResourceAsStream("snapshot-forms.txt"));
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            String all = reader.lines().filter(line -> !line.startsWith("#")).collect(Collectors.joining("\n"));
            return Arrays.stream(all.split("\n----\n", -1))
                    .map(text -> List.of(text.strip().split("\n", -1)));
        }
    }

    @ParameterizedTest
    @MethodSource("databases")
    void comesBack(List<String> lines) throws Exception {
        try (Replicas replicas = new Replicas()) {
            List<String> different = new ArrayList<>();
            for (String line : lines) {
                for (String statement : line.replace("\\n", "\n").split(";;", -1)) {
                    execute(replicas, statement.strip());
                }
                String difference = difference(replicas.leader);
                if (difference != null) {
                    different.add(line + " => " + difference);
                }
                assertThat(replicas.leader.tables().toString()).as(line).doesNotContain("_COPY_");
                // what was restored answers the next line as what was not
                replicas.reloadFollower();
            }
            assertThat(different).isEmpty();
            replicas.assertSame();
        }
    }

    private static void execute(Replicas replicas, String statement) throws Exception {
        Matcher line = LINE.matcher(statement);
        assertThat(line.matches()).isTrue();
        String sql = line.group(2);
        if (Stream.of("INSERT", "UPDATE", "DELETE").anyMatch(sql::startsWith)) {
            replicas.write(sql);
            return;
        }
        SchemaChangeResult refusal =
                replicas.leader.trying().preflight(new SchemaChange("PUBLIC", sql), PATIENCE, catalog -> {});
        SchemaChangeResult result = refusal == null ? replicas.define(sql) : refusal;
        assertThat(result.ok() ? null : result.sqlState())
                .as(sql + ": " + result.message())
                .isEqualTo(line.group(1));
    }

    private static String difference(Storage storage) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Pin pin = storage.pin()) {
            pin.noteSchema();
            pin.writeTo(out);
            return storage.snapshotCheck().difference(pin, new ByteArrayInputStream(out.toByteArray()), true);
        }
    }
}
