package io.tunabledb.examples.shell;

import sqlline.Application;
import sqlline.PromptHandler;
import sqlline.SqlLine;
import sqlline.SqlLineOpts;

/** sqlline with our prompt. Public because sqlline makes it by name. */
public final class ShellApplication extends Application {

    /** For sqlline. */
    public ShellApplication() {}

    @Override
    public String getInfoMessage() {
        return "TunableDB: ask with … WITH CONSISTENCY LEVEL; EXPLAIN CONSISTENCY … says what you would get. !quit leaves";
    }

    @Override
    public SqlLineOpts getOpts(SqlLine shell) {
        SqlLineOpts options = super.getOpts(shell);
        // sqlline's default prepares transactions for databases that know TRANSACTION_REPEATABLE_READ
        options.setIsolation("TRANSACTION_READ_COMMITTED");
        return options;
    }

    @Override
    public PromptHandler getPromptHandler(SqlLine shell) {
        return new ReceiptPrompt(shell);
    }
}
