package io.tunabledb.engine.access;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A user or a role.
 *
 * @param name upper case
 * @param login what a user logs in with; null for a role
 * @param isAdmin whether he may do everything
 * @param altersAnySchema whether everything that concerns schemas
 * @param roles those it was granted itself
 */
public record Principal(
        String name, @Nullable Login login, boolean isAdmin, boolean altersAnySchema, Set<String> roles) {

    /** The role that everybody has. */
    public static final String PUBLIC = "PUBLIC";

    public Principal {
        roles = Set.copyOf(roles);
    }

    /**
     * What a user logs in with, and as what.
     *
     * @param id of this user and no other, whatever he is called: a later one of his name is somebody else
     * @param verifier of the password, as text
     * @param userType what consistency rules see; empty for none
     */
    public record Login(long id, String verifier, String userType) {
        /** Without the verifier. */
        @Override
        public String toString() {
            return "login of user type '" + userType + "'";
        }
    }

    static Principal role(String name) {
        return new Principal(name, null, false, false, Set.of());
    }

    /** Whether it can log in. */
    public boolean isUser() {
        return login != null;
    }

    Principal with(Login changed) {
        return new Principal(name, changed, isAdmin, altersAnySchema, roles);
    }

    Principal admin(boolean is) {
        return new Principal(name, login, is, altersAnySchema, roles);
    }

    Principal altering(boolean any) {
        return new Principal(name, login, isAdmin, any, roles);
    }

    Principal in(Set<String> changed) {
        return new Principal(name, login, isAdmin, altersAnySchema, changed);
    }

    Principal named(String other) {
        return new Principal(other, login, isAdmin, altersAnySchema, roles);
    }

    /** As it stands in the catalog; roles apart. */
    List<String> flags() {
        return List.of(isAdmin ? "ADMIN" : "", altersAnySchema ? "ALTER ANY SCHEMA" : "");
    }
}
