package io.tunabledb.engine.h2.internals;

import org.h2.engine.SessionLocal;
import org.h2.expression.Expression;
import org.h2.expression.ExpressionVisitor;
import org.h2.table.ColumnResolver;
import org.h2.table.TableFilter;
import org.h2.value.TypeInfo;

/** A compiled expression in another's place: the same in everything but its value. */
public abstract class ForwardingExpression extends Expression {
    private final Expression declared;

    /**
     * In the place of another.
     *
     * @param declared as H2 has compiled it
     */
    protected ForwardingExpression(Expression declared) {
        this.declared = declared;
    }

    /** The one it stands for. */
    public final Expression declared() {
        return declared;
    }

    @Override
    public TypeInfo getType() {
        return declared.getType();
    }

    @Override
    public void mapColumns(ColumnResolver resolver, int level, int state) {
        declared.mapColumns(resolver, level, state);
    }

    @Override
    public Expression optimize(SessionLocal session) {
        return this;
    }

    @Override
    public void setEvaluatable(TableFilter tableFilter, boolean evaluatable) {
        declared.setEvaluatable(tableFilter, evaluatable);
    }

    @Override
    public boolean needParentheses() {
        return declared.needParentheses();
    }

    @Override
    public StringBuilder getUnenclosedSQL(StringBuilder builder, int sqlFlags) {
        return declared.getUnenclosedSQL(builder, sqlFlags);
    }

    @Override
    public void updateAggregate(SessionLocal session, int stage) {
        declared.updateAggregate(session, stage);
    }

    @Override
    public boolean isEverything(ExpressionVisitor visitor) {
        return declared.isEverything(visitor);
    }

    @Override
    public int getCost() {
        return declared.getCost();
    }
}
