package io.tunabledb.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.jdbc.Stage.Probe;
import io.tunabledb.jdbc.Stage.Undo;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every method of JDBC's interfaces, called alike on H2's driver and on this one, in many states and with many
 * arguments: the outcome, its type, the SQLSTATE and what can be seen afterwards are the same, except where
 * {@link Difference} says so.
 */
class EveryMethodTest {

    private static final Set<String> LOOKING = Set.of("get", "is", "find", "supports", "was", "enquote");

    private static Side h2;
    private static Side ours;
    private static final Set<Difference> seen = new HashSet<>();

    @BeforeAll
    static void open() throws SQLException {
        h2 = Side.open("jdbc:h2:mem:methods");
        // a read that is audited runs on another storage connection, where H2 has not yet learnt the type of a bare "?"
        ours = Side.open("jdbc:tunable:mem:methods?consistency=LINEARIZABLE&auditSample=0");
    }

    @AfterAll
    static void close() throws SQLException {
        h2.close();
        ours.close();
    }

    @TestFactory
    Stream<DynamicContainer> answersLikeH2() {
        Stream<DynamicContainer> stages = Stages.all().stream()
                .map(stage -> DynamicContainer.dynamicContainer(
                        stage.name(),
                        methods(stage.type())
                                .map(method -> DynamicTest.dynamicTest(
                                        Recipes.signature(method), () -> compare(stage, method)))));
        return Stream.concat(
                stages,
                Stream.of(DynamicContainer.dynamicContainer(
                        "differences",
                        List.of(
                                DynamicTest.dynamicTest("are still there", EveryMethodTest::differencesAreThere),
                                DynamicTest.dynamicTest("are written down", EveryMethodTest::differencesAreKnown)))));
    }

    private static Stream<Method> methods(Class<?> type) {
        return Arrays.stream(type.getMethods())
                .filter(method -> !method.isSynthetic() && !java.lang.reflect.Modifier.isStatic(method.getModifiers()))
                .sorted(Comparator.comparing(Recipes::signature));
    }

    private static void differencesAreThere() {
        assertThat(seen)
                .as("a difference that is none any more is to be struck out")
                .containsAll(Difference.ALL);
    }

    private static void differencesAreKnown() throws IOException {
        assertThat(Files.readString(Path.of("DIFFERENCES.md")))
                .contains(Difference.ALL.stream().map(Difference::reason).toList());
    }

    private static void compare(Stage stage, Method method) throws Exception {
        Map<String, List<String>> expected = answers(stage, method, h2);
        Map<String, List<String>> actual = answers(stage, method, ours);
        List<String> differing = new ArrayList<>();
        expected.forEach((call, wanted) -> {
            List<String> given = actual.get(call);
            for (int i = 0; i < wanted.size(); i++) {
                String answer = i < given.size() ? given.get(i) : "nothing";
                String seenHere = stage.name() + "." + call + " => " + wanted.get(i) + " => " + answer;
                if (!wanted.get(i).equals(answer) && !isKnown(seenHere)) {
                    differing.add("%n%s%n  H2:   %s%n  ours: %s".formatted(call, wanted.get(i), answer));
                }
            }
        });
        assertThat(differing).isEmpty();
    }

    private static boolean isKnown(String seenHere) {
        for (Difference difference : Difference.ALL) {
            if (difference.seen().matcher(seenHere).matches()) {
                seen.add(difference);
                return true;
            }
        }
        return false;
    }

    /** What one driver answers to each way of calling, and what is seen afterwards. */
    private static Map<String, List<String>> answers(Stage stage, Method method, Side side) throws Exception {
        boolean looks = LOOKING.stream().anyMatch(method.getName()::startsWith)
                && !method.getName().equals("getMoreResults");
        Map<String, List<String>> answers = new LinkedHashMap<>();
        Object subject = null;
        for (List<Argument> arguments : Recipes.of(stage, method)) {
            String call = Recipes.signature(method)
                    + arguments.stream().map(Argument::label).toList();
            if (subject == null || !looks) {
                subject = stage.opener().open(side);
            }
            try {
                List<String> seenThere = new ArrayList<>();
                seenThere.add(call(subject, method, arguments, side));
                if (!looks) {
                    probe(stage, subject, side, seenThere);
                }
                answers.put(call, seenThere);
            } finally {
                if (!looks) {
                    undo(stage, subject, side);
                }
            }
        }
        if (looks) {
            undo(stage, subject, side);
        }
        return answers;
    }

    private static String call(Object subject, Method method, List<Argument> arguments, Side side) throws Exception {
        List<Object> values = new ArrayList<>();
        Connection maker =
                subject instanceof Connection connection && !connection.isClosed() ? connection : side.main();
        for (Argument argument : arguments) {
            values.add(argument.maker().make(maker));
        }
        try {
            Object value = method.invoke(subject, values.toArray());
            return method.getReturnType() == void.class ? "done" : shown(value);
        } catch (InvocationTargetException e) {
            return shown(e.getCause());
        }
    }

    private static String shown(Object value) throws IOException {
        if (value instanceof Throwable failure && !(value instanceof SQLException)) {
            return failure.getClass().getName();
        }
        try {
            return Shown.of(value);
        } catch (SQLException e) {
            try {
                return "unreadable " + Shown.of(e);
            } catch (SQLException unlikely) {
                throw new IOException(unlikely);
            }
        }
    }

    private static void probe(Stage stage, Object subject, Side side, List<String> answers) throws IOException {
        for (Probe probe : stage.probes()) {
            String answer;
            try {
                answer = shown(probe.look().at(subject, side));
            } catch (SQLException e) {
                answer = shown(e);
            }
            answers.add("then " + probe.label() + ": " + answer);
        }
    }

    private static void undo(Stage stage, Object subject, Side side) throws Exception {
        if (!side.main().isClosed() && subject instanceof Statement statement && !statement.isClosed()) {
            // H2's is the connection's
            statement.setQueryTimeout(0);
        }
        if (stage.undo() == Undo.ROLLBACK) {
            side.main().rollback();
            side.main().setAutoCommit(true);
        }
        if (subject instanceof AutoCloseable closeable) {
            closeable.close();
        }
        if (stage.undo() == Undo.RESTORE) {
            side.restore();
        }
    }
}
