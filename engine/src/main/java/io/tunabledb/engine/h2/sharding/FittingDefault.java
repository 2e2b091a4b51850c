package io.tunabledb.engine.h2.sharding;

import io.tunabledb.engine.h2.internals.ForwardingExpression;
import org.h2.engine.SessionLocal;
import org.h2.expression.Expression;
import org.h2.expression.ExpressionVisitor;
import org.h2.expression.SequenceValue;
import org.h2.schema.Sequence;
import org.h2.table.Column;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * The default of a shard key that gives another value each time, such as RANDOM_UUID(): evaluated until the value belongs
 * here. In everything else it is the default itself.
 */
final class FittingDefault extends ForwardingExpression {
    private final Column column;
    private final KeyShards shards;
    private final @Nullable Sequence sequence;

    FittingDefault(Expression value, Column column, KeyShards shards) {
        super(value);
        this.column = column;
        this.shards = shards;
        this.sequence = value instanceof SequenceValue ? sequenceOf(value) : null;
    }

    private static @Nullable Sequence sequenceOf(Expression value) {
        var found = new java.util.HashSet<org.h2.engine.DbObject>();
        value.isEverything(ExpressionVisitor.getDependenciesVisitor(found));
        return found.stream()
                .filter(Sequence.class::isInstance)
                .map(Sequence.class::cast)
                .findAny()
                .orElse(null);
    }

    @Override
    public Value getValue(SessionLocal session) {
        Value found = declared().getValue(session);
        for (int i = 0; i < shards.draws() && !shards.isHere(column.convert(session, found)); i++) {
            // NEXT VALUE FOR gives one value for all of a row
            found = sequence == null ? declared().getValue(session) : session.getNextValueFor(sequence, null);
        }
        return found;
    }
}
