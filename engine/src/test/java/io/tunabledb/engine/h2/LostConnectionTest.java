package io.tunabledb.engine.h2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.h2.catalog.SystemSchema;
import io.tunabledb.engine.h2.catalog.SystemView;
import java.lang.ref.WeakReference;
import java.lang.reflect.Field;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.h2.engine.Database;
import org.h2.engine.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The rows of a storage that is closed go, whoever did not close a connection of it. */
class LostConnectionTest {

    /** What opens one. */
    private enum Opened {
        READER {
            @Override
            void open(Storage storage) throws SQLException {
                storage.openReader();
            }
        },
        WRITER {
            @Override
            void open(Storage storage) throws SQLException {
                storage.openWriter();
            }
        },
        PIN {
            @Override
            void open(Storage storage) throws SQLException {
                storage.pin();
            }
        },
        DEFINER {
            @Override
            void open(Storage storage) throws SQLException {
                storage.openDefiner();
            }
        };

        abstract void open(Storage storage) throws SQLException;
    }

    @ParameterizedTest
    @EnumSource
    void keepsNoRows(Opened opened) throws SQLException {
        awaitCollected(lost(opened));
    }

    private static WeakReference<Database> lost(Opened opened) throws SQLException {
        try (Storage storage = Storage.create("lost")) {
            opened.open(storage);
            return new WeakReference<>(storage.database());
        }
    }

    /** H2 has a database for whoever knows its name, until it is closed. */
    @Test
    void aStorageThatCantBeMadeIsNotLeftBehind() throws Exception {
        SystemSchema impossible = new SystemSchema(List.of(), List.of(new SystemView("V", "SELECT * FROM NOTHING")));
        assertThatThrownBy(() -> Storage.create("unmade", impossible)).isInstanceOf(IllegalStateException.class);
        assertThat(open()).noneMatch(name -> name.contains("unmade"));
        try (Storage made = Storage.create("unmade")) {
            assertThat(open()).as("%s", made).anyMatch(name -> name.contains("unmade"));
        }
        assertThat(open()).noneMatch(name -> name.contains("unmade"));
    }

    private static Set<String> open() throws ReflectiveOperationException {
        Field databases = Engine.class.getDeclaredField("DATABASES");
        databases.setAccessible(true);
        Map<?, ?> all = (Map<?, ?>) databases.get(null);
        synchronized (all) {
            return all.keySet().stream().map(String::valueOf).collect(Collectors.toSet());
        }
    }

    private static void awaitCollected(WeakReference<?> reference) {
        Awaitility.await("the closed database is collected")
                .atMost(Duration.ofSeconds(30))
                .pollDelay(Duration.ZERO)
                .until(() -> {
                    System.gc();
                    return reference.get() == null;
                });
    }
}
