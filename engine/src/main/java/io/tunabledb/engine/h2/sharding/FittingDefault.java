package io.tunabledb.engine.h2.sharding;

import org.h2.engine.SessionLocal;
import org.h2.expression.Expression;
import org.h2.expression.ExpressionVisitor;
import org.h2.expression.SequenceValue;
import org.h2.schema.Sequence;
import org.h2.table.Column;
import org.h2.table.ColumnResolver;
import org.h2.table.TableFilter;
import org.h2.value.TypeInfo;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * The default of a shard key that gives another value each time, such as RANDOM_UUID(): evaluated until the value belongs
 * here. In everything else it is the default itself.
 */
final class FittingDefault extends Expression {
    private final Expression value;
    private final Column column;
    private final KeyShards shards;
    private final @Nullable Sequence sequence;

    FittingDefault(Expression value, Column column, KeyShards shards) {
        this.value = value;
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
        Value found = value.getValue(session);
        for (int i = 0; i < shards.draws() && !shards.isHere(column.convert(session, found)); i++) {
            // NEXT VALUE FOR gives one value for all of a row
            found = sequence == null ? value.getValue(session) : session.getNextValueFor(sequence, null);
        }
        return found;
    }

    @Override
    public TypeInfo getType() {
        return value.getType();
    }

    @Override
    public void mapColumns(ColumnResolver resolver, int level, int state) {
        value.mapColumns(resolver, level, state);
    }

    @Override
    public Expression optimize(SessionLocal session) {
        return this;
    }

    @Override
    public void setEvaluatable(TableFilter tableFilter, boolean evaluatable) {
        value.setEvaluatable(tableFilter, evaluatable);
    }

    @Override
    public boolean needParentheses() {
        return value.needParentheses();
    }

    @Override
    public StringBuilder getUnenclosedSQL(StringBuilder builder, int sqlFlags) {
        return value.getUnenclosedSQL(builder, sqlFlags);
    }

    @Override
    public void updateAggregate(SessionLocal session, int stage) {
        value.updateAggregate(session, stage);
    }

    @Override
    public boolean isEverything(ExpressionVisitor visitor) {
        return value.isEverything(visitor);
    }

    @Override
    public int getCost() {
        return value.getCost();
    }
}
