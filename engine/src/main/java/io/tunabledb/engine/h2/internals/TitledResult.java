package io.tunabledb.engine.h2.internals;

import org.h2.engine.Session;
import org.h2.engine.SessionLocal;
import org.h2.result.ResultInterface;
import org.h2.value.TypeInfo;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/** Rows of one query under the head of another: its labels, names and types. */
public final class TitledResult implements ResultInterface {
    private final ResultInterface head;
    private final ResultInterface rows;
    private final @Nullable SessionLocal session;

    public TitledResult(ResultInterface head, ResultInterface rows, @Nullable SessionLocal session) {
        this.head = head;
        this.rows = rows;
        this.session = session;
    }

    @Override
    public Value[] currentRow() {
        Value[] row = rows.currentRow();
        Value[] typed = new Value[head.getVisibleColumnCount()];
        for (int i = 0; i < typed.length; i++) {
            typed[i] = row[i].convertTo(head.getColumnType(i), session);
        }
        return typed;
    }

    @Override
    public void reset() {
        rows.reset();
    }

    @Override
    public boolean next() {
        return rows.next();
    }

    @Override
    public long getRowId() {
        return rows.getRowId();
    }

    @Override
    public boolean isAfterLast() {
        return rows.isAfterLast();
    }

    @Override
    public int getVisibleColumnCount() {
        return head.getVisibleColumnCount();
    }

    @Override
    public long getRowCount() {
        return rows.getRowCount();
    }

    @Override
    public boolean hasNext() {
        return rows.hasNext();
    }

    @Override
    public boolean needToClose() {
        return rows.needToClose();
    }

    @Override
    public void close() {
        rows.close();
    }

    @Override
    public String getAlias(int i) {
        return head.getAlias(i);
    }

    @Override
    public String getSchemaName(int i) {
        return head.getSchemaName(i);
    }

    @Override
    public String getTableName(int i) {
        return head.getTableName(i);
    }

    @Override
    public String getColumnName(int i) {
        return head.getColumnName(i);
    }

    @Override
    public TypeInfo getColumnType(int i) {
        return head.getColumnType(i);
    }

    @Override
    public boolean isIdentity(int i) {
        return head.isIdentity(i);
    }

    @Override
    public int getNullable(int i) {
        return head.getNullable(i);
    }

    @Override
    public void setFetchSize(int fetchSize) {
        rows.setFetchSize(fetchSize);
    }

    @Override
    public int getFetchSize() {
        return rows.getFetchSize();
    }

    @Override
    public boolean isLazy() {
        return rows.isLazy();
    }

    @Override
    public boolean isClosed() {
        return rows.isClosed();
    }

    @Override
    public @Nullable ResultInterface createShallowCopy(Session target) {
        ResultInterface copy = rows.createShallowCopy(target);
        return copy == null ? null : new TitledResult(head, copy, session);
    }
}
