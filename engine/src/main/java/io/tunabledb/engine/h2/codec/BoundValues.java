package io.tunabledb.engine.h2.codec;

import io.tunabledb.engine.codec.ByteSink;
import io.tunabledb.engine.codec.ByteSource;
import io.tunabledb.engine.h2.internals.H2Tree;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.h2.command.CommandInterface;
import org.h2.engine.SessionLocal;
import org.h2.expression.ParameterInterface;
import org.h2.jdbc.JdbcPreparedStatement;
import org.h2.message.DbException;
import org.h2.value.Value;
import org.h2.value.ValueEnumBase;
import org.h2.value.ValueVarchar;

/** The values bound to a prepared statement, as bytes: read on one replica, bound again on another, later. */
public final class BoundValues {
    private BoundValues() {}

    /**
     * Every value that is bound to {@code statement}, in order. Large objects carry their content.
     *
     * @throws SQLException 07001 when a parameter was not set
     */
    public static byte[] encode(PreparedStatement statement) throws SQLException {
        List<? extends ParameterInterface> parameters = parameters(statement);
        ByteSink sink = new ByteSink(16 + 12 * parameters.size()).putVarInt(parameters.size());
        try {
            for (ParameterInterface parameter : parameters) {
                parameter.checkSet();
                Value value = parameter.getParamValue();
                // which labels an ENUM has is known to its column only, which takes its label as well
                ValueCodec.write(sink, value instanceof ValueEnumBase ? ValueVarchar.get(value.getString()) : value);
            }
        } catch (DbException e) {
            throw DbException.toSQLException(e);
        }
        return sink.toByteArray();
    }

    /**
     * The values themselves.
     *
     * @throws SQLException 07001 when a parameter was not set
     */
    public static List<Value> of(PreparedStatement statement) throws SQLException {
        List<Value> values = new ArrayList<>();
        try {
            for (ParameterInterface parameter : parameters(statement)) {
                parameter.checkSet();
                values.add(parameter.getParamValue());
            }
        } catch (DbException e) {
            throw DbException.toSQLException(e);
        }
        return values;
    }

    /** Binds what {@link #encode} gave. */
    public static void bind(byte[] values, PreparedStatement statement, SessionLocal session) throws SQLException {
        ByteSource source = new ByteSource(values);
        int count = source.getVarInt();
        for (int i = 1; i <= count; i++) {
            statement.setObject(i, ValueCodec.read(source, null, session));
        }
    }

    /** The same for a statement of any storage. */
    public static void bind(byte[] values, PreparedStatement statement) throws SQLException {
        bind(values, statement, ResultCodec.scratch());
    }

    /** Binds to {@code to} the last values that are bound to {@code from}, as many as it takes. */
    public static void copyLast(PreparedStatement from, PreparedStatement to) throws SQLException {
        List<? extends ParameterInterface> given = parameters(from);
        List<? extends ParameterInterface> wanted = parameters(to);
        int skipped = given.size() - wanted.size();
        for (int i = 0; i < wanted.size(); i++) {
            wanted.get(i).setValue(given.get(skipped + i).getParamValue(), true);
        }
    }

    /** The values as SQL literals with commas between them, for people. */
    public static String text(byte[] values) {
        ByteSource source = new ByteSource(values);
        int count = source.getVarInt();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(i == 0 ? "" : ", ");
            text.append(ValueCodec.read(source, null, ResultCodec.scratch()).getTraceSQL());
        }
        return text.toString();
    }

    private static List<? extends ParameterInterface> parameters(PreparedStatement statement) throws SQLException {
        return command(statement).getParameters();
    }

    /** What H2 has prepared, with what was bound: JDBC has no method to read that. */
    public static CommandInterface command(PreparedStatement statement) throws SQLException {
        return Objects.requireNonNull(
                H2Tree.COMMAND.of(statement.unwrap(JdbcPreparedStatement.class), CommandInterface.class));
    }
}
