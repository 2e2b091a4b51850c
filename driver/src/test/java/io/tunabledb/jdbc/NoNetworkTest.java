package io.tunabledb.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An embedded database has no network: no class of gRPC's, no thread of its, no port. */
class NoNetworkTest {

    /** What an application does with one. Says afterwards which threads there are. */
    public static final class Application {
        private Application() {}

        public static void main(String[] args) throws SQLException {
            try (Connection connection = DriverManager.getConnection("jdbc:tunable:mem:nonet?replicas=3&shards=2");
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE T(ID INT PRIMARY KEY) SHARD BY (ID)");
                statement.execute("INSERT INTO T VALUES (1), (2), (3), (4)");
                try (ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM T WITH CONSISTENCY LINEARIZABLE")) {
                    rows.next();
                    System.out.println("rows " + rows.getInt(1));
                }
                Thread.getAllStackTraces().keySet().forEach(thread -> System.out.println("thread " + thread.getName()));
            }
        }
    }

    @Test
    void anEmbeddedDatabaseLoadsNoGrpcAndListensNowhere(@TempDir Path folder) throws IOException, InterruptedException {
        Path classes = folder.resolve("classes.log");
        Path said = folder.resolve("said.log");
        Process application = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Xlog:class+load:file=" + classes,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Application.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            assertThat(application.waitFor(120, TimeUnit.SECONDS)).isTrue();
        } finally {
            application.destroyForcibly();
        }
        String output = Files.readString(said);
        assertThat(application.exitValue()).as(output).isZero();
        assertThat(output).contains("rows 4").doesNotContain("thread grpc").doesNotContain("EventLoop");
        List<String> loaded;
        try (Stream<String> lines = Files.lines(classes)) {
            loaded = lines.filter(line -> line.contains("io.grpc.")
                            || line.contains("org.apache.ratis.grpc.")
                            || line.contains("io.netty.channel.")
                            || line.contains("engine.wire.")
                            || line.contains("java.net.ServerSocket ")
                            || line.contains("ServerSocketChannelImpl "))
                    .collect(Collectors.toList());
        }
        assertThat(loaded).isEmpty();
        assertThat(Files.size(classes)).isPositive();
    }
}
