package io.tunabledb.jdbc.session;

import io.tunabledb.engine.client.Session;
import java.sql.SQLException;

/** Whom the session of a connection belongs to, and goes back to when the connection is closed. */
public interface Lender {

    /** No pool: a session ends with its connection. */
    Lender NOBODY = new Lender() {
        @Override
        public void takeBack(Session session) {
            session.close();
        }

        @Override
        public void ended() {}

        @Override
        public void failed(SQLException failure) {}
    };

    /** The connection was closed, and its statements; nothing else uses the session. */
    void takeBack(Session session) throws SQLException;

    /** The session was taken back. */
    void ended();

    /** The session is of no use any more: {@code failure} is of class 08. */
    void failed(SQLException failure);
}
