package io.tunabledb.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;

/** What a started application finds in its environment: Boot itself has found the class. */
class TunableDefaultsTest {
    private static final List<String> EMBEDDED = List.of(
            "spring.batch.jdbc.initialize-schema",
            "spring.quartz.jdbc.initialize-schema",
            "spring.session.jdbc.initialize-schema",
            "spring.sql.init.mode");

    /** Has nothing of its own. */
    static class Application {}

    private static Map<String, String> started(String... properties) {
        SpringApplication application = new SpringApplication(Application.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        application.setRegisterShutdownHook(false);
        try (ConfigurableApplicationContext context = application.run(properties)) {
            Environment environment = context.getEnvironment();
            return Map.of(
                    "driver", environment.getProperty("spring.datasource.driver-class-name", "none"),
                    "ratis", environment.getProperty("logging.level.org.apache.ratis", "none"),
                    "ddl", environment.getProperty("spring.jpa.hibernate.ddl-auto", "none"),
                    "scripts",
                            String.join(
                                    " ",
                                    EMBEDDED.stream()
                                            .map(name -> environment.getProperty(name, "none"))
                                            .distinct()
                                            .toList()));
        }
    }

    @Test
    void aDatabaseInMemoryIsEmbedded() {
        assertThat(started("--spring.datasource.url=jdbc:tunable:mem:boot"))
                .containsEntry("driver", "io.tunabledb.jdbc.TunableDriver")
                .containsEntry("ddl", "create-drop")
                .containsEntry("scripts", "always");
    }

    @Test
    void oneOnDiskHasOnlyItsDriver() {
        assertThat(started("--spring.datasource.url=jdbc:tunable:file:data/boot"))
                .containsEntry("driver", "io.tunabledb.jdbc.TunableDriver")
                .containsEntry("ratis", "warn")
                .containsEntry("ddl", "none")
                .containsEntry("scripts", "none");
    }

    @Test
    void whatTheApplicationSaysGoesFirst() {
        assertThat(started(
                        "--spring.datasource.url=jdbc:tunable:mem:boot",
                        "--spring.datasource.driver-class-name=their.Driver",
                        "--spring.jpa.hibernate.ddl-auto=validate",
                        "--spring.sql.init.mode=never"))
                .containsEntry("driver", "their.Driver")
                .containsEntry("ddl", "validate")
                .containsEntry("scripts", "always never");
    }

    @Test
    void otherDatabasesAreLeftAlone() {
        assertThat(started("--spring.datasource.url=jdbc:h2:mem:boot"))
                .containsEntry("driver", "none")
                .containsEntry("ratis", "none")
                .containsEntry("ddl", "none")
                .containsEntry("scripts", "none");
        assertThat(started()).containsEntry("driver", "none");
    }
}
