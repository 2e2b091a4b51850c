package io.tunabledb.engine.h2.sharding;

import io.tunabledb.engine.codec.ByteSource;
import io.tunabledb.engine.h2.codec.BoundValues;
import io.tunabledb.engine.h2.codec.ResultCodec;
import io.tunabledb.engine.h2.codec.ValueCodec;
import io.tunabledb.engine.h2.internals.H2Instance;
import io.tunabledb.engine.h2.internals.StatementTime;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/** The values of a statement that was accepted earlier, to be bound wherever it runs, as of then. */
public final class ReplayedValues {
    private final List<Value> values = new ArrayList<>();
    private final Instant acceptedAt;

    /**
     * @param bytes what {@link BoundValues#encode} gave
     */
    public ReplayedValues(byte[] bytes, Instant acceptedAt) {
        this.acceptedAt = acceptedAt;
        ByteSource source = new ByteSource(bytes);
        int count = source.getVarInt();
        for (int i = 0; i < count; i++) {
            values.add(ValueCodec.read(source, null, ResultCodec.scratch()));
        }
    }

    /**
     * A value as a shard key's.
     *
     * @param index from 1
     * @return null for SQL's NULL, and where there is none
     */
    public @Nullable Object key(int index) {
        Value value = index <= values.size() ? values.get(index - 1) : null;
        return value == null || value.getValueType() == Value.NULL ? null : KeyShards.object(value);
    }

    /** The indexes of all of them. */
    public List<Integer> indexes() {
        return IntStream.rangeClosed(1, values.size()).boxed().toList();
    }

    /**
     * Binds some of them, in this order, right before the statement is executed: to it, NOW() is the time it was accepted.
     */
    public void bind(PreparedStatement target, List<Integer> indexes) throws SQLException {
        SessionLocal session = H2Instance.session(target.getConnection().unwrap(JdbcConnection.class));
        for (int i = 0; i < indexes.size(); i++) {
            target.setObject(i + 1, values.get(indexes.get(i) - 1));
        }
        StatementTime.set(session, acceptedAt);
    }
}
