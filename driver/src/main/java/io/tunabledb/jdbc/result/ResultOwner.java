package io.tunabledb.jdbc.result;

import io.tunabledb.engine.client.Translator;
import io.tunabledb.jdbc.parameter.Binding;
import io.tunabledb.jdbc.session.SharedSession;
import java.sql.SQLException;
import java.sql.Statement;

/** The statement that gave result sets, as far as they need it. */
public interface ResultOwner extends Statement {

    /** Asks its session; 90007 when the statement is closed, 08006 when no reply comes in time. */
    <T> T asked(SharedSession.Question<T> question) throws SQLException;

    /** The same {@code value}; 22018 when it can't become of the type that it is to be of. */
    Binding convertible(Binding value) throws SQLException;

    /** What failures of its rows become. */
    Translator translator();

    /** The user closed a result set of it. */
    void completed() throws SQLException;
}
