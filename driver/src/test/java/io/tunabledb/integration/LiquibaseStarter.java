package io.tunabledb.integration;

import io.tunabledb.jdbc.TunableDataSource;
import java.net.URL;
import java.net.URLClassLoader;
import java.sql.Connection;
import java.util.concurrent.Callable;
import liquibase.Contexts;
import liquibase.Liquibase;
import liquibase.database.Database;
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
import liquibase.resource.ClassLoaderResourceAccessor;

/**
 * What an instance of an application does at its start. Liquibase keeps state that threads must not share (two in one
 * JVM leave its lock behind, on H2 too), so each instance gets Liquibase's classes anew, as in a process of its own.
 */
public final class LiquibaseStarter implements Callable<Boolean> {
    private final String url;

    public LiquibaseStarter(String url) {
        this.url = url;
    }

    /** One whose Liquibase is shared with nobody. */
    @SuppressWarnings("unchecked")
    static Callable<Boolean> alone(String url) throws ReflectiveOperationException {
        ClassLoader own = new Alone();
        Object starter = own.loadClass(LiquibaseStarter.class.getName())
                .getConstructor(String.class)
                .newInstance(url);
        return () -> {
            Thread.currentThread().setContextClassLoader(own);
            return ((Callable<Boolean>) starter).call();
        };
    }

    @Override
    public Boolean call() throws Exception {
        try (Connection connection = new TunableDataSource(url).getConnection()) {
            Database database =
                    DatabaseFactory.getInstance().findCorrectDatabaseImplementation(new JdbcConnection(connection));
            try (Liquibase liquibase =
                    new Liquibase("db/liquibase/changelog.yaml", new ClassLoaderResourceAccessor(), database)) {
                liquibase.update(new Contexts());
                return true;
            }
        }
    }

    private static final class Alone extends URLClassLoader {
        Alone() {
            super(
                    new URL[] {where(Liquibase.class), where(LiquibaseStarter.class)},
                    LiquibaseStarter.class.getClassLoader());
        }

        private static URL where(Class<?> type) {
            return type.getProtectionDomain().getCodeSource().getLocation();
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            boolean own = name.startsWith("liquibase.") || name.equals(LiquibaseStarter.class.getName());
            if (!own) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded != null ? loaded : findClass(name);
            }
        }
    }
}
