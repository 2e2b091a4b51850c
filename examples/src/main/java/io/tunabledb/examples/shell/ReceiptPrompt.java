package io.tunabledb.examples.shell;

import io.tunabledb.consistency.Receipt;
import io.tunabledb.engine.client.Session;
import io.tunabledb.examples.ReceiptText;
import java.sql.Connection;
import java.sql.SQLException;
import org.jline.utils.AttributedString;
import org.jspecify.annotations.Nullable;
import sqlline.PromptHandler;
import sqlline.SqlLine;

/** Prints the receipt of the statement before it, if there is a new one, and then the prompt. */
final class ReceiptPrompt extends PromptHandler {
    private @Nullable Receipt shown;

    ReceiptPrompt(SqlLine shell) {
        super(shell);
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // two statements may have got the same
    public AttributedString getPrompt() {
        Receipt receipt = last();
        if (receipt != null && receipt != shown) {
            sqlLine.output(ReceiptText.of(receipt));
        }
        shown = receipt;
        return new AttributedString("tunable> ");
    }

    @Override
    public AttributedString getRightPrompt() {
        return AttributedString.EMPTY;
    }

    private static @Nullable Receipt last() {
        Connection connection = LastConnection.last();
        try {
            return connection == null || connection.isClosed()
                    ? null
                    : connection.unwrap(Session.class).lastReceipt();
        } catch (SQLException e) {
            // closed meanwhile: then there is nothing to show
            return null;
        }
    }
}
