package io.tunabledb.engine.h2.internals;

import io.tunabledb.engine.heap.Appetite;
import org.h2.api.DatabaseEventListener;

/** Where H2 says how far its statements are: on their own threads, at every 128th row. */
final class RowWatch implements DatabaseEventListener {
    @Override
    public void setProgress(int state, String name, long at, long most) {
        if (state == STATE_STATEMENT_PROGRESS) {
            Appetite.row(at);
        }
    }
}
