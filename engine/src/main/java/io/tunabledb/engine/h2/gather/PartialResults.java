package io.tunabledb.engine.h2.gather;

import io.tunabledb.engine.h2.codec.ResultValues;
import io.tunabledb.engine.h2.gather.plan.PartialTypes;
import io.tunabledb.engine.h2.internals.TitledResult;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.h2.command.CommandInterface;
import org.h2.engine.SessionLocal;
import org.h2.result.ResultInterface;
import org.h2.value.Value;
import org.h2.value.ValueArray;
import org.jspecify.annotations.Nullable;

/** What the shards have made of their rows, by column. */
final class PartialResults {
    static final PartialResults NONE = new PartialResults(PartialTypes.NONE, null);

    private final PartialTypes types;
    private final @Nullable SessionLocal session;
    private final List<List<Value>> columns = new ArrayList<>();

    PartialResults(PartialTypes types, @Nullable SessionLocal session) {
        this.types = types;
        this.session = session;
        types.columns().forEach(type -> columns.add(new ArrayList<>()));
    }

    /** The row the result set is on. */
    void add(ResultValues from) throws SQLException {
        for (int i = 0; i < columns.size(); i++) {
            columns.get(i).add(from.get(i + 1, types.columns().get(i)));
        }
    }

    Value array(int column) {
        if (session == null) {
            throw new IllegalStateException("no partial results");
        }
        if (column < columns.size()) {
            return ValueArray.get(
                    types.columns().get(column), columns.get(column).toArray(Value[]::new), session);
        }
        PartialTypes.Average average = types.averages().get(column - columns.size());
        return ValueArray.get(
                average.type(),
                new Averages(types, session).of(average, columns).toArray(Value[]::new),
                session);
    }

    /** The rows with the names and types that {@code original} would give them. */
    ResultInterface asOf(CommandInterface original, ResultInterface rows) {
        return new TitledResult(original.getMetaData(), rows, session);
    }
}
