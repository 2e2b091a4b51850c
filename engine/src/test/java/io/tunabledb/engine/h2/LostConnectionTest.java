package io.tunabledb.engine.h2;

import java.lang.ref.WeakReference;
import java.sql.SQLException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.h2.engine.Database;
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
