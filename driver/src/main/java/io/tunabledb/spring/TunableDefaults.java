package io.tunabledb.spring;

import io.tunabledb.jdbc.TunableDriver;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.util.ClassUtils;

/**
 * What Spring Boot would set by itself if it knew the URL: the driver's class, how much the log says and, where the database is in memory and so
 * begins empty, that schemas and scripts are run, as Boot does with the embedded databases it knows ({@code
 * EmbeddedDatabaseConnection}). Boot 4 finds it by {@code META-INF/spring.factories}. Everything here is a default:
 * whatever the application says anywhere goes before it.
 */
public final class TunableDefaults implements EnvironmentPostProcessor {
    /** The name of the property source that has them, last of all. */
    static final String SOURCE = "tunabledbDefaults";

    private static final String URL = "spring.datasource.url";
    /** Each runs its script only in an embedded database unless it is told otherwise. */
    private static final List<String> SCRIPTS = List.of(
            "spring.batch.jdbc.initialize-schema",
            "spring.integration.jdbc.initialize-schema",
            "spring.quartz.jdbc.initialize-schema",
            "spring.session.jdbc.initialize-schema",
            "spring.sql.init.mode");
    /** Who makes the schema where these are: then Hibernate must not. */
    private static final Map<String, String> MIGRATIONS = Map.of(
            "org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration", "spring.flyway.enabled",
            "org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration", "spring.liquibase.enabled");

    /** For Spring Boot. */
    public TunableDefaults() {}

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        String url = environment.getProperty(URL);
        if (url == null || !url.startsWith("jdbc:tunable:")) {
            return;
        }
        environment.getPropertySources().addLast(new MapPropertySource(SOURCE, of(url, environment, application)));
    }

    private static Map<String, Object> of(
            String url, ConfigurableEnvironment environment, SpringApplication application) {
        Map<String, Object> defaults = new HashMap<>();
        defaults.put("spring.datasource.driver-class-name", TunableDriver.class.getName());
        // it tells at INFO of every step of a start, a stop and an election, which are ours to tell of
        defaults.put("logging.level.org.apache.ratis", "warn");
        if (url.startsWith("jdbc:tunable:mem:")) {
            SCRIPTS.forEach(property -> defaults.put(property, "always"));
            if (!isMigrated(environment, application.getClassLoader())) {
                defaults.put("spring.jpa.hibernate.ddl-auto", "create-drop");
            }
        }
        return defaults;
    }

    private static boolean isMigrated(ConfigurableEnvironment environment, @Nullable ClassLoader classes) {
        return MIGRATIONS.entrySet().stream()
                .anyMatch(migration -> ClassUtils.isPresent(migration.getKey(), classes)
                        && environment.getProperty(migration.getValue(), Boolean.class, true));
    }
}
