package io.tunabledb.engine;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import io.tunabledb.engine.api.PrivateField;
import io.tunabledb.engine.api.PrivateMethod;
import io.tunabledb.engine.execute.session.Cluster;
import io.tunabledb.engine.execute.session.ShardSession;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The house rules about who may know whom (one way down, pure middle, one heavy library per package). */
class ArchitectureTest {
    private static final String BASE = "io.tunabledb.";
    private static final String[] PURE = {
        BASE + "consistency..",
        BASE + "sql..",
        BASE + "engine.plan..",
        BASE + "engine.negotiate..",
        BASE + "engine.route.."
    };
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.tunabledb");

    @Test
    void theClassesAreFound() {
        assertThat(CLASSES.contain(EmbeddedSession.class)).isTrue();
        assertThat(CLASSES.contain(io.tunabledb.sql.SqlParser.class)).isTrue();
    }

    @Test
    void theMiddleIsPure() {
        noClasses()
                .that()
                .resideInAnyPackage(PURE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.sql..",
                        "javax.sql..",
                        "java.util.concurrent..",
                        "java.io..",
                        "java.nio.file..",
                        "org.h2..",
                        "org.apache.ratis..",
                        "org.slf4j..")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.Thread")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .because("vocabulary, grammar, plan, negotiate and route take values and return values")
                .check(CLASSES);
    }

    @Test
    void onlyOnePackageKnowsH2() {
        onlyKnownIn("org.h2..", BASE + "engine.h2..");
    }

    @Test
    void onlyOnePackageKnowsRatis() {
        noClasses()
                .that()
                .resideOutsideOfPackages(BASE + "engine.ratis..", BASE + "engine.wire..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.ratis..")
                .because("one heavy library, one package that imports it")
                .check(CLASSES);
    }

    /** The gRPC is one that Ratis carries inside, and all of Ratis that the wire knows. */
    @Test
    void theWireKnowsGrpcAndNobody() {
        classes()
                .that()
                .resideInAPackage(BASE + "engine.wire..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "org.apache.ratis.thirdparty.io.grpc..",
                        "org.jspecify..",
                        "org.slf4j..",
                        BASE + "consistency..",
                        BASE + "engine.api..",
                        BASE + "engine.clock..",
                        BASE + "engine.codec..",
                        BASE + "engine.wire..")
                .check(CLASSES);
    }

    /** A library's private parts are reached for in one room of each library, and wherever else never. */
    @Test
    void onlyTheRoomsCalledInternalsHavePrivateFieldsOfLibraries() {
        noClasses()
                .that()
                .resideOutsideOfPackages(BASE + "engine.h2.internals..", BASE + "engine.ratis.internals..")
                .and()
                .resideOutsideOfPackages(BASE + "engine.api..", BASE + "engine.codec..")
                .should()
                .callMethod(java.lang.reflect.AccessibleObject.class, "setAccessible", boolean.class)
                .orShould()
                .callMethod(java.lang.reflect.Field.class, "setAccessible", boolean.class)
                .orShould()
                .callMethod(java.lang.reflect.Method.class, "setAccessible", boolean.class)
                .orShould()
                .callMethod(PrivateField.class, "of", Class.class, String.class)
                .orShould()
                .callMethod(PrivateField.class, "of", String.class, String.class)
                .orShould()
                .callMethod(PrivateMethod.class, "of", Class.class, String.class, Class[].class)
                .because("an upgrade of a library is a look at one room")
                .check(CLASSES);
    }

    @Test
    void onlyTheGrammarKnowsAntlr() {
        onlyKnownIn("org.antlr..", BASE + "sql..");
    }

    @Test
    void theShardKnowsTheSeamsButNothingAboveThem() {
        noClasses()
                .that()
                .resideInAPackage(BASE + "engine.shard..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        BASE + "engine.ratis..",
                        BASE + "engine.execute..",
                        BASE + "engine.route..",
                        BASE + "engine.negotiate..",
                        BASE + "engine.plan..",
                        BASE + "engine.node..",
                        BASE + "sql..")
                .check(CLASSES);
    }

    /** What a client far away implements as well must name nothing that only this process has. */
    @Test
    void theSeamToClientsNamesNothingBehindIt() {
        classes()
                .that()
                .resideInAPackage(BASE + "engine.client..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "org.jspecify..",
                        BASE + "consistency..",
                        BASE + "engine.api..",
                        BASE + "engine.client..")
                .check(CLASSES);
    }

    @Test
    void theSeamsKnowNobody() {
        noClasses()
                .that()
                .resideInAnyPackage(BASE + "engine.log..", BASE + "engine.h2..", BASE + "engine.net..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        BASE + "engine.shard..", BASE + "engine.execute..", BASE + "engine.ratis..", BASE + "sql..")
                .check(CLASSES);
    }

    /** What execution can still get hold of inside other nodes: it becomes less, never more. The plan is in message/DESIGN.md. */
    @Test
    void theClusterHandsOutNoMoreOfOtherNodes() {
        assertThat(CLASSES.get(Cluster.class).getMethods().stream()
                        .filter(method -> isInsideANode(method.getRawReturnType()))
                        .map(JavaMethod::getName))
                .as("own is what a session may read by reference")
                .containsExactlyInAnyOrder("own", "replica", "leader");
    }

    /** Reads go to other nodes by message; what cuts pin is still got hold of. */
    @Test
    void readsGetHoldOfOwnReplicasOnly() {
        noClasses()
                .that()
                .resideInAnyPackage(BASE + "engine.execute.read..", BASE + "engine.execute.serve..")
                .should()
                .callMethod(ShardSession.class, "replica", int.class)
                .orShould()
                .callMethod(ShardSession.class, "replicas")
                .orShould()
                .callMethod(ShardSession.class, "leader", int.class)
                .orShould()
                .callMethod(Cluster.class, "replica", int.class, int.class)
                .orShould()
                .callMethod(Cluster.class, "leader", int.class, int.class)
                .because("a replica at another node is asked, and its rows come in pages")
                .check(CLASSES);
    }

    private static boolean isInsideANode(JavaClass type) {
        boolean isLocal =
                type.getSimpleName().equals("Gathering") || type.getSimpleName().equals("Rerouting");
        return !isLocal
                && Stream.of(
                                BASE + "engine.shard.",
                                BASE + "engine.outbox.",
                                BASE + "engine.cut.",
                                BASE + "engine.h2.",
                                BASE + "engine.ratis.",
                                BASE + "engine.peer.",
                                "java.util.concurrent.")
                        .anyMatch((type.getPackageName() + ".")::startsWith);
    }

    /** Messages know what lower rooms mean by their values, and nobody who carries or answers them. */
    @Test
    void messagesKnowNeitherCarriersNorHandlers() {
        noClasses()
                .that()
                .resideInAPackage(BASE + "engine.message..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        BASE + "engine.peer..",
                        BASE + "engine.node..",
                        BASE + "engine.net..",
                        BASE + "engine.ratis..",
                        BASE + "engine.execute..")
                .check(CLASSES);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().assignedFrom(new EachPackage()).should().beFreeOfCycles().check(CLASSES);
    }

    /** The map in DESIGN.md has every room, and a room knows only rooms that are named after it there. */
    @Test
    void theMapIsTrue() throws IOException, URISyntaxException {
        List<String> map = map();
        assertThat(CLASSES.stream()
                        .filter(type -> type.getPackageName().startsWith(BASE + "engine"))
                        .map(ArchitectureTest::room)
                        .distinct())
                .containsExactlyInAnyOrderElementsOf(map);
        assertThat(CLASSES.stream()
                        .filter(type -> type.getPackageName().startsWith(BASE + "engine"))
                        .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                        .filter(arrow -> arrow.getTargetClass().getPackageName().startsWith(BASE + "engine"))
                        .filter(arrow ->
                                map.indexOf(room(arrow.getTargetClass())) < map.indexOf(room(arrow.getOriginClass())))
                        .map(Dependency::getDescription))
                .isEmpty();
    }

    private static List<String> map() throws IOException, URISyntaxException {
        Path classes = Path.of(Database.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        String page = Files.readString(classes.resolve("../../src/main/java/io/tunabledb/engine/DESIGN.md"));
        String table = page.substring(page.indexOf("|---|---|"), page.indexOf("\n\n", page.indexOf("|---|---|")));
        return table.lines()
                .skip(1)
                .map(line -> line.substring(1, line.indexOf('|', 1)))
                .flatMap(cell -> Pattern.compile("`([^`]+)`").matcher(cell).results())
                .map(name -> name.group(1))
                .collect(Collectors.toList());
    }

    private static String room(JavaClass type) {
        String name = type.getPackageName();
        return name.equals(BASE + "engine") ? "engine" : name.substring((BASE + "engine.").length());
    }

    /** Every package of the engine by itself, the root and sub-packages too. */
    private static final class EachPackage implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            return type.getPackageName().startsWith(BASE + "engine")
                    ? SliceIdentifier.of(type.getPackageName())
                    : SliceIdentifier.ignore();
        }

        @Override
        public String getDescription() {
            return "each package of the engine";
        }
    }

    private static void onlyKnownIn(String library, String home) {
        noClasses()
                .that()
                .resideOutsideOfPackage(home)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .because("one heavy library, one package that imports it")
                .check(CLASSES);
    }
}
