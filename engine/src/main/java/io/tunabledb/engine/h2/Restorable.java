package io.tunabledb.engine.h2;

import io.tunabledb.engine.h2.internals.Stacks;
import io.tunabledb.engine.h2.snapshot.Pin;
import io.tunabledb.engine.h2.snapshot.SchemaScript;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Optional;
import org.h2.message.DbException;

/**
 * Whether a schema is one that a snapshot restores as it is. H2 accepts definitions after which its own script can't be
 * executed, or makes something else.
 */
final class Restorable {
    private Restorable() {}

    /** What would not come back, or not as it is. On a deep stack. */
    static Optional<String> fault(Storage storage) throws SQLException, IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Pin pin = storage.pin()) {
            pin.writeTo(out);
            return Optional.ofNullable(
                    storage.snapshotCheck().difference(pin, new ByteArrayInputStream(out.toByteArray()), true));
        } catch (DbException e) {
            // H2 can't even write down what reads a view that has become invalid
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** The schema written down. */
    static SchemaScript script(Storage storage) {
        return Stacks.<SchemaScript, RuntimeException>deep(() -> SchemaScript.of(storage.database()));
    }
}
