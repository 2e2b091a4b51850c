package io.tunabledb.engine.h2;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcResultSet;
import org.h2.result.ResultInterface;
import org.h2.result.SimpleResult;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/** The keys that several shards generated for one statement, in the order of its rows. */
public final class GatheredKeys {

    /** Prepares a statement so that it gives the keys that are wanted. */
    @FunctionalInterface
    public interface Preparation {
        PreparedStatement prepare(Connection connection, String sql) throws SQLException;
    }

    private final @Nullable Preparation preparation;
    private final SortedMap<Integer, List<Value[]>> rows = new TreeMap<>();
    private @Nullable SimpleResult head;

    private GatheredKeys(@Nullable Preparation preparation) {
        this.preparation = preparation;
    }

    /** No keys are wanted. */
    public static GatheredKeys none() {
        return new GatheredKeys(null);
    }

    /** Whatever H2 takes for generated, as with {@link Statement#RETURN_GENERATED_KEYS}. */
    public static GatheredKeys all() {
        return new GatheredKeys((connection, sql) -> connection.prepareStatement(sql, Statement.RETURN_GENERATED_KEYS));
    }

    /** The keys that statements prepared so give. */
    public static GatheredKeys of(Preparation preparation) {
        return new GatheredKeys(preparation);
    }

    boolean areWanted() {
        return preparation != null;
    }

    PreparedStatement prepare(Connection connection, String sql) throws SQLException {
        return preparation == null ? connection.prepareStatement(sql) : preparation.prepare(connection, sql);
    }

    void add(int number, ResultSet keys) throws SQLException {
        JdbcResultSet result = keys.unwrap(JdbcResultSet.class);
        ResultInterface from = result.getResult();
        int columns = from.getVisibleColumnCount();
        if (head == null) {
            SimpleResult first = new SimpleResult();
            for (int i = 0; i < columns; i++) {
                first.addColumn(from.getAlias(i), from.getColumnName(i), from.getColumnType(i));
            }
            head = first;
        }
        SessionLocal session = H2Instance.session(ResultCodec.connection());
        while (keys.next()) {
            Value[] row = new Value[columns];
            for (int i = 0; i < columns; i++) {
                row[i] = ResultValues.detached(result.getInternal(i + 1), session);
            }
            rows.computeIfAbsent(number, any -> new ArrayList<>()).add(row);
        }
    }

    /** All keys, before the first; null when there are none. Once. */
    public @Nullable ResultSet resultSet() {
        SimpleResult result = head;
        if (result == null) {
            return null;
        }
        rows.values().forEach(some -> some.forEach(result::addRow));
        return new JdbcResultSet(ResultCodec.connection(), null, null, result, -1, true, false, false);
    }
}
