package io.tunabledb.jdbc.result;

import io.tunabledb.jdbc.contract.Misuse;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** The generated keys of a batch: those of its elements one after the other, forwards only. */
public final class MergedKeys extends ReadResultSet {

    private final ResultOwner statement;
    private final Iterator<ResultSet> following;
    private final List<ResultSet> spent = new ArrayList<>();
    private int row;

    /** Of at least one element. */
    public MergedKeys(ResultOwner statement, List<ResultSet> elements) {
        super(elements.get(0), statement.translator());
        this.statement = statement;
        following = elements.listIterator(1);
    }

    @Override
    public boolean next() throws SQLException {
        while (!rows().next()) {
            if (!following.hasNext()) {
                row = 0;
                return false;
            }
            // stays open: its metadata is what the caller was given for all of them
            spent.add(rows());
            continueWith(following.next());
        }
        row++;
        return true;
    }

    @Override
    public int getRow() throws SQLException {
        rows();
        return row;
    }

    @Override
    public int getType() throws SQLException {
        rows();
        return TYPE_FORWARD_ONLY;
    }

    @Override
    public Statement getStatement() throws SQLException {
        rows();
        return statement;
    }

    @Override
    public void close() throws SQLException {
        release();
        for (ResultSet rows : spent) {
            rows.close();
        }
        while (following.hasNext()) {
            following.next().close();
        }
    }

    @Override
    public boolean absolute(int position) throws SQLException {
        throw Misuse.forwardOnly();
    }

    @Override
    public void afterLast() throws SQLException {
        throw Misuse.forwardOnly();
    }

    @Override
    public void beforeFirst() throws SQLException {
        throw Misuse.forwardOnly();
    }

    @Override
    public boolean first() throws SQLException {
        throw Misuse.forwardOnly();
    }

    @Override
    public boolean last() throws SQLException {
        throw Misuse.forwardOnly();
    }

    @Override
    public boolean previous() throws SQLException {
        throw Misuse.forwardOnly();
    }

    @Override
    public boolean relative(int offset) throws SQLException {
        throw Misuse.forwardOnly();
    }
}
