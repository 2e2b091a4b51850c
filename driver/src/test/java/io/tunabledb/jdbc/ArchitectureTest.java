package io.tunabledb.jdbc;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import io.tunabledb.engine.Database;
import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.engine.EmbeddedSession;
import io.tunabledb.engine.monitor.SlaMonitor;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Who may know whom in the driver, and what of the engine: sessions as interfaces, which a client far away has as well. */
class ArchitectureTest {
    private static final String DRIVER = "io.tunabledb.jdbc";
    private static final String ENGINE = "io.tunabledb.engine";

    /** The seam, and the ground that every floor stands on. */
    private static final String[] OPEN_TO_THE_DRIVER = {
        ENGINE + ".client", ENGINE + ".api", ENGINE + ".url", ENGINE + ".heap", ENGINE + ".clock"
    };

    /** What only a database in the same process has. */
    private static final Class<?>[] EMBEDDED = {
        Database.class, EmbeddedSession.class, EmbeddedCluster.class, SlaMonitor.class
    };

    /** Who opens such a database, and who hands out what only that has. */
    private static final Set<String> KNOW_EMBEDDED =
            Set.of("TunableDriver", "TunableConnection", "SessionConnection", "ThisProcess");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(location -> !location.contains("/test-classes/") && !location.contains("-test/"))
            .importPackages(DRIVER);

    @Test
    void theClassesAreFound() {
        assertThat(CLASSES.contain(TunableDriver.class)).isTrue();
        assertThat(CLASSES.contain(ArchitectureTest.class)).isFalse();
    }

    @Test
    void theDriverKnowsOnlyTheSeamOfTheEngine() {
        noClasses()
                .that(not(belongTo(KNOW_EMBEDDED)))
                .should()
                .dependOnClassesThat(resideInAnyPackage(ENGINE + "..").and(not(resideInAnyPackage(OPEN_TO_THE_DRIVER))))
                .because("a thin client implements the interfaces of engine.client and nothing more")
                .check(CLASSES);
    }

    @Test
    void fourClassesKnowThatADatabaseMayRunInThisProcess() {
        noClasses()
                .that(belongTo(KNOW_EMBEDDED))
                .should()
                .dependOnClassesThat(resideInAnyPackage(ENGINE + "..")
                        .and(not(resideInAnyPackage(OPEN_TO_THE_DRIVER)))
                        .and(not(belongToAnyOf(EMBEDDED))))
                .check(CLASSES);
    }

    @Test
    void noLibraryIsKnown() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "javax.sql..", "javax.naming..", "org.jspecify..", "io.tunabledb..")
                .check(CLASSES);
    }

    /** Users import both ends from the root package: its interfaces are the floor, what opens connections is the roof. */
    @Test
    void packagesHaveNoCycles() {
        slices().assignedFrom(new EachPackage()).should().beFreeOfCycles().check(CLASSES);
    }

    private static final class EachPackage implements SliceAssignment {
        private static final Set<String> FLOOR = Set.of("TunableConnection", "TunableStatement");

        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            String room = type.getPackageName();
            if (!room.startsWith(DRIVER)) {
                return SliceIdentifier.ignore();
            }
            return room.equals(DRIVER) && FLOOR.contains(type.getSimpleName())
                    ? SliceIdentifier.of(room, "interfaces")
                    : SliceIdentifier.of(room, "all");
        }

        @Override
        public String getDescription() {
            return "each package of the driver, the root's interfaces by themselves";
        }
    }

    /** Those classes, with what is nested in them. */
    private static DescribedPredicate<JavaClass> belongTo(Set<String> names) {
        return DescribedPredicate.describe(
                "are one of " + names, type -> names.contains(outermost(type).getSimpleName()));
    }

    private static JavaClass outermost(JavaClass type) {
        return type.getEnclosingClass().map(ArchitectureTest::outermost).orElse(type);
    }
}
