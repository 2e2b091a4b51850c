package io.tunabledb.engine.h2.ddl.rule;

import io.tunabledb.engine.h2.codec.BoundValues;
import io.tunabledb.engine.h2.internals.H2Tree;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.h2.command.CommandInterface;
import org.h2.command.Prepared;
import org.h2.command.ddl.AlterSequence;
import org.jspecify.annotations.Nullable;

/**
 * What a schema change does to transactions that are open, its own session's among them, as H2 has compiled it.
 *
 * @param keepsTransaction whether H2 executes it inside the open transaction, which it commits for most others
 * @param changesSequence whether it changes nothing but a sequence, or the numbers of an identity column: that needs no
 *     table for itself
 */
public record DefinitionEffect(boolean keepsTransaction, boolean changesSequence) {
    /** That of most. */
    public static final DefinitionEffect COMMITS = new DefinitionEffect(false, false);

    /** Of a statement that is prepared. */
    public static DefinitionEffect of(PreparedStatement statement) throws SQLException {
        CommandInterface command = BoundValues.command(statement);
        Prepared prepared = prepared(command);
        return prepared == null
                ? COMMITS
                : new DefinitionEffect(prepared.isTransactional(), prepared instanceof AlterSequence);
    }

    private static @Nullable Prepared prepared(CommandInterface command) {
        return H2Tree.PREPARED.isPartOf(command) ? H2Tree.PREPARED.of(command, Prepared.class) : null;
    }
}
