package io.tunabledb.engine.execute.transaction;

import io.tunabledb.consistency.Rule;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.execute.session.Executed;
import io.tunabledb.engine.h2.Writer;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.shard.ShardLeader;
import io.tunabledb.engine.shard.held.ActiveTransaction;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Notes in a transaction what one of its LINEARIZABLE statements reads. Begun before the statement is executed. */
final class ReadNotes {
    private final ActiveTransaction held;
    private final WritePath.Write write;
    private final Catalog catalog;
    private final long position;

    private ReadNotes(ActiveTransaction held, WritePath.Write write, Catalog catalog, long position) {
        this.held = held;
        this.write = write;
        this.catalog = catalog;
        this.position = position;
    }

    /** @throws SQLException TC005 in a transaction that reads what is not committed */
    static ReadNotes begin(ShardLeader leader, ActiveTransaction held, WritePath.Write write, Catalog catalog)
            throws SQLException {
        int isolation = held.writer().connection().getTransactionIsolation();
        if (isolation == Connection.TRANSACTION_READ_UNCOMMITTED) {
            throw Errors.of(
                    SqlState.NOT_ALLOWED,
                    "LINEARIZABLE in a transaction at isolation READ UNCOMMITTED, whose reads nothing can validate; begin"
                            + " it with a LINEARIZABLE statement, or at READ COMMITTED");
        }
        boolean isFixed = isolation != Connection.TRANSACTION_READ_COMMITTED;
        return new ReadNotes(held, write, catalog, leader.readPosition(held, isFixed));
    }

    /** A LINEARIZABLE transaction is at READ COMMITTED at least. The writer must be idle. */
    static void requireCommitted(Writer writer) throws SQLException {
        if (writer.connection().getTransactionIsolation() == Connection.TRANSACTION_READ_UNCOMMITTED) {
            writer.isolate(Connection.TRANSACTION_READ_COMMITTED);
        }
    }

    void succeeded(Executed executed) throws SQLException {
        ResultSet rows = executed.rows();
        add(rows == null ? executed.count() > 0 : rows.isBeforeFirst());
    }

    /** What a failure tells was read too. */
    void failed() {
        try {
            add(null);
        } catch (SQLException e) {
            // it was not even prepared: there may be no such table, so far
            held.startReads().addTables(names(), position);
        }
    }

    private void add(@Nullable Boolean found) throws SQLException {
        PreparedStatement statement = write.query().plannedOn(held.writer());
        held.startReads().add(held.writer().reads(statement, names(), found), position);
    }

    private List<String> names() {
        Map<String, List<Rule.Table>> views = catalog.views();
        List<String> names = new ArrayList<>(write.tables());
        for (String table : write.tables()) {
            views.getOrDefault(table, List.of()).forEach(behind -> names.add(behind.schema() + "." + behind.name()));
        }
        // a referential action finds rows by their key, and by the lock on the row that is deleted
        if (write.tables().stream().noneMatch(views::containsKey)) {
            names.removeIf(table -> catalog.effects()
                    .isOnlyChanged(table, write.tables(), write.query().sql()));
        }
        return names;
    }
}
