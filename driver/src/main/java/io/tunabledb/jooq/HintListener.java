package io.tunabledb.jooq;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Receipt;
import io.tunabledb.jdbc.TunableStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.Consumer;
import org.jooq.ExecuteContext;
import org.jooq.ExecuteListener;
import org.jooq.ExecuteListenerProvider;
import org.jspecify.annotations.Nullable;

/** Puts the hint before what jOOQ has rendered, and hands on the receipt of what was executed. */
@SuppressWarnings("serial") // jOOQ's listeners are serializable in name only: contexts with connections never travel
final class HintListener implements ExecuteListener, ExecuteListenerProvider {
    private final @Nullable Ladder ladder;
    private final @Nullable Consumer<Receipt> receipts;

    HintListener(@Nullable Ladder ladder, @Nullable Consumer<Receipt> receipts) {
        this.ladder = ladder;
        this.receipts = receipts;
    }

    /** It keeps nothing of an execution, so one serves all. */
    @Override
    public ExecuteListener provide() {
        return this;
    }

    @Override
    public void renderEnd(ExecuteContext context) {
        String sql = context.sql();
        if (ladder == null || sql == null) {
            return;
        }
        String hinted = "/*+ CONSISTENCY(" + ladder.text() + ") */ " + sql;
        context.sql(hinted);
        // a batch of several statements is executed from this array
        @Nullable String[] batch = context.batchSQL();
        for (int i = 0; batch != null && i < batch.length; i++) {
            if (sql.equals(batch[i])) {
                batch[i] = hinted;
            }
        }
    }

    @Override
    public void executeEnd(ExecuteContext context) {
        Statement statement = context.statement();
        if (receipts == null || statement == null) {
            return;
        }
        try {
            if (statement.isWrapperFor(TunableStatement.class)) {
                Receipt receipt = statement.unwrap(TunableStatement.class).receipt();
                if (receipt != null) {
                    receipts.accept(receipt);
                }
            }
        } catch (SQLException e) {
            // jOOQ makes of this what it makes of every failure of the statement
            context.sqlException(e);
        }
    }
}
