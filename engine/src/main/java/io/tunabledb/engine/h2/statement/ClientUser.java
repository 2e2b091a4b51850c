package io.tunabledb.engine.h2.statement;

import io.tunabledb.engine.h2.internals.H2Instance;
import io.tunabledb.engine.h2.internals.H2Tree;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.h2.engine.SessionLocal;
import org.h2.engine.User;
import org.h2.jdbc.JdbcConnection;
import org.jspecify.annotations.Nullable;

/** The name of a connection's user, which CURRENT_USER and SESSIONS show; his rights are the storage session's. */
public final class ClientUser {
    /** Before what a library that doesn't know it does no harm with. */
    private static final String CARRIED = "SET @TUNABLE_USER = ";

    private ClientUser() {}

    /** The session is that user's from now on. By its owner, once. */
    public static void put(String name, Connection connection) throws SQLException {
        SessionLocal session = H2Instance.session(connection.unwrap(JdbcConnection.class));
        User role = session.getUser();
        User user = new User(session.getDatabase(), role.getId(), name, false);
        user.setAdmin(role.isAdmin());
        // the same map: rights on schemas to come are added to it
        H2Tree.RIGHTS.set(user, H2Tree.RIGHTS.of(role, Object.class));
        H2Tree.USER.set(session, user);
    }

    /** The name among the SET statements of a write that is executed elsewhere, later; none for a user without a name. */
    public static List<String> carried(String name) {
        return name.isEmpty() ? List.of() : List.of(CARRIED + "'" + name.replace("'", "''") + "'");
    }

    /** The name if this is what {@link #carried} gave; else null. */
    public static @Nullable String carriedBy(String setting) {
        if (!setting.startsWith(CARRIED)) {
            return null;
        }
        String literal = setting.substring(CARRIED.length());
        return literal.substring(1, literal.length() - 1).replace("''", "'");
    }

    /** Runs the SET statements of a write that was accepted elsewhere, and makes the session its user's. */
    public static void set(List<String> settings, Connection connection) throws SQLException {
        String name = "";
        for (String setting : settings) {
            String carried = carriedBy(setting);
            if (carried != null) {
                name = carried;
            } else {
                BoundedCommand.execute(connection, setting);
            }
        }
        put(name, connection);
    }
}
