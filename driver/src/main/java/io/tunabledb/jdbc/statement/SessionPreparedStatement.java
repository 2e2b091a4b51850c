package io.tunabledb.jdbc.statement;

import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.client.PreparedText;
import io.tunabledb.engine.heap.Heap;
import io.tunabledb.jdbc.contract.Misuse;
import io.tunabledb.jdbc.parameter.TextParameters;
import io.tunabledb.jdbc.result.LateAnswer;
import io.tunabledb.jdbc.result.MergedKeys;
import io.tunabledb.jdbc.session.SharedSession;
import java.sql.Connection;
import java.sql.ParameterMetaData;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A statement with one text and parameters(). */
public class SessionPreparedStatement extends ParametersByIndex {

    private final String sql;
    private final PreparedText text;
    private List<Parameters> batch = new ArrayList<>();

    /** Known to give rows; false also means not known yet. */
    private boolean query;

    public SessionPreparedStatement(
            Connection connection, SharedSession shared, Cursor cursor, String sql, PreparedText text) {
        super(connection, shared, cursor, text.parameterCount());
        this.sql = sql;
        this.text = text;
    }

    @Override
    PreparedText text() {
        return text;
    }

    // ---- executing

    @Override
    public final ResultSet executeQuery() throws SQLException {
        enter();
        try {
            dropResults();
            requireQuery();
            return acceptRows(within(() -> text.execute(parameters())));
        } finally {
            leave();
        }
    }

    /** Whether an execution gives rows. */
    final boolean isQuery() throws SQLException {
        enter();
        try {
            return text.isQuery();
        } finally {
            leave();
        }
    }

    /** Makes a parameter NULL that has no value yet. */
    final void setIfUnset(int index) throws SQLException {
        if (!parameters().isSet(index)) {
            parameters().setNull(index);
        }
    }

    private void requireQuery() throws SQLException {
        if (!query) {
            query = text.isQuery();
            if (!query) {
                throw Misuse.notAQuery();
            }
        }
    }

    @Override
    public int executeUpdate() throws SQLException {
        return narrow(executeLargeUpdate());
    }

    @Override
    public long executeLargeUpdate() throws SQLException {
        enter();
        try {
            dropResults();
            boolean isCall = text.isQuery() && Calls.is(sql);
            if (text.isQuery() && !isCall) {
                throw Misuse.isAQuery();
            }
            Result result = within(() -> text.execute(parameters()));
            return acceptCount(isCall ? Calls.counted(result) : result);
        } finally {
            leave();
        }
    }

    @Override
    public final boolean execute() throws SQLException {
        enter();
        try {
            dropResults();
            accept(within(() -> text.execute(parameters())));
            return hasRows();
        } finally {
            leave();
        }
    }

    @Override
    public final void addBatch() throws SQLException {
        enter();
        try {
            Heap.requireRoom("another element of the batch, which has " + batch.size() + ",");
            batch.add(parameters().snapshot());
        } finally {
            leave();
        }
    }

    @Override
    public final void clearBatch() throws SQLException {
        enter();
        try {
            batch = new ArrayList<>();
        } finally {
            leave();
        }
    }

    @Override
    public final int[] executeBatch() throws SQLException {
        return Batches.narrow(executeLargeBatch());
    }

    @Override
    public final long[] executeLargeBatch() throws SQLException {
        enter();
        try {
            dropResults();
            List<Parameters> elements = batch;
            batch = new ArrayList<>();
            if (elements.isEmpty()) {
                return new long[0];
            }
            return text.isQuery() ? countCalls(elements) : acceptBatch(within(() -> text.executeBatch(elements)));
        } finally {
            leave();
        }
    }

    /** Rows are no counts: all fail, except those of CALL, whose value is its count. */
    private long[] countCalls(List<Parameters> elements) throws SQLException {
        Batches.Counts counts = new Batches.Counts();
        for (Parameters element : elements) {
            counts.add(() -> {
                if (!Calls.is(sql)) {
                    throw Misuse.isAQuery();
                }
                return acceptCount(Calls.counted(within(() -> text.execute(element))));
            });
        }
        return counts.all();
    }

    private long[] acceptBatch(List<Result> results) throws SQLException {
        long[] counts = new long[results.size()];
        List<ResultSet> keys = new ArrayList<>();
        for (int i = 0; i < counts.length; i++) {
            Result result = results.get(i);
            counts[i] = acceptCount(result);
            ResultSet generated = result.keys();
            if (generated != null) {
                keys.add(generated);
            }
        }
        if (!keys.isEmpty()) {
            acceptKeys(new MergedKeys(this, keys));
        }
        return counts;
    }

    @Override
    public final @Nullable ResultSetMetaData getMetaData() throws SQLException {
        enter();
        try {
            ResultSetMetaData columns =
                    within(() -> Optional.ofNullable(text.describe())).orElse(null);
            return columns == null ? null : LateAnswer.by(ResultSetMetaData.class, columns, translator());
        } finally {
            leave();
        }
    }

    @Override
    public final ParameterMetaData getParameterMetaData() throws SQLException {
        enter();
        try {
            return within(() -> new TextParameters(text.describeParameters(), translator()));
        } finally {
            leave();
        }
    }

    @Override
    public final String toString() {
        return sql;
    }
}
