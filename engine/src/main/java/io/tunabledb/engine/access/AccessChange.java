package io.tunabledb.engine.access;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.sql.Right;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Users and rights while one statement changes them. What it may not come to is refused with what to do. */
public final class AccessChange {
    private final Accounts before;
    private final Map<String, Principal> principals;
    private final Map<String, Map<String, Integer>> tables;
    private final Map<String, Map<String, Integer>> schemas;
    private final Map<String, String> owners;

    /** A change of those. */
    public AccessChange(Accounts before) {
        this.before = before;
        this.principals = new HashMap<>(before.principals());
        this.tables = AccessSettings.copied(before.tables());
        this.schemas = AccessSettings.copied(before.schemas());
        this.owners = new HashMap<>(before.owners());
    }

    /** The settings that hold what was made of them. */
    public Map<String, String> settings() {
        return AccessSettings.write(new Accounts(principals, tables, schemas, owners, Map.of()));
    }

    // ---- users ----

    /** False when there is one already and that is no error. */
    public boolean createUser(String name, boolean ifNotExists, boolean isAdmin, Principal.Login login)
            throws RefusedAccessException {
        if (ifNotExists && before.user(name) != null) {
            return false;
        }
        requireFree(name);
        if (!isAdmin && !before.areInUse()) {
            throw notAnAdmin(name);
        }
        principals.put(name, new Principal(name, login, isAdmin, false, Set.of()));
        return true;
    }

    /** Why that can't be the first user. */
    public static RefusedAccessException notAnAdmin(String name) {
        return new RefusedAccessException(
                SqlState.NOT_ALLOWED,
                "the first user of a database must be an administrator, because from then on nobody may anything that he"
                        + " was not given: CREATE USER " + name + " PASSWORD '…' ADMIN, or make another first");
    }

    private void requireFree(String name) throws RefusedAccessException {
        Principal there = principals.get(name);
        if (there != null || name.equals(Principal.PUBLIC)) {
            String what = there == null || !there.isUser() ? "role" : "user";
            throw new RefusedAccessException(
                    SqlState.DUPLICATE_OBJECT, what + " " + name + " exists already; choose another name");
        }
    }

    /** That user, who must be there. */
    public Principal user(String name) throws RefusedAccessException {
        Principal user = principals.get(name);
        if (user == null || !user.isUser()) {
            throw new RefusedAccessException(
                    SqlState.UNKNOWN_OBJECT, "there is no user " + name + "; INFORMATION_SCHEMA.USERS shows who is");
        }
        return user;
    }

    /** Gives a user another password or type; null leaves it. */
    public void login(String name, @Nullable String verifier, @Nullable String userType) throws RefusedAccessException {
        Principal user = user(name);
        Principal.Login old = user.login();
        if (old != null) {
            principals.put(
                    name,
                    user.with(new Principal.Login(
                            old.id(),
                            verifier == null ? old.verifier() : verifier,
                            userType == null ? old.userType() : userType)));
        }
    }

    /** Makes a user an administrator, or no more. */
    public void admin(String name, boolean is) throws RefusedAccessException {
        Principal user = user(name);
        requireAdminLeft(user, !is, "ALTER USER " + name + " ADMIN FALSE");
        principals.put(name, user.admin(is));
    }

    private void requireAdminLeft(Principal user, boolean goes, String what) throws RefusedAccessException {
        if (goes && user.isAdmin() && before.admins() == 1) {
            throw new RefusedAccessException(
                    SqlState.NOT_ALLOWED,
                    what + ": " + user.name()
                            + " is the only administrator, and without one nobody could change anything of users and"
                            + " rights; make another first (ALTER USER … ADMIN TRUE)");
        }
    }

    /** Gives a user another name; his rights, roles and schemas stay his. */
    public void rename(String name, String to) throws RefusedAccessException {
        Principal user = user(name);
        requireFree(to);
        principals.remove(name);
        principals.put(to, user.named(to));
        for (Map<String, Integer> rights : allRights()) {
            Integer mask = rights.remove(name);
            if (mask != null) {
                rights.put(to, mask);
            }
        }
        owners.replaceAll((schema, owner) -> owner.equals(name) ? to : owner);
    }

    private List<Map<String, Integer>> allRights() {
        return Stream.concat(tables.values().stream(), schemas.values().stream())
                .toList();
    }

    /** False when there is none and that is no error. */
    public boolean dropUser(String name, boolean ifExists) throws RefusedAccessException {
        if (ifExists && before.user(name) == null) {
            return false;
        }
        requireAdminLeft(user(name), true, "DROP USER " + name);
        drop(name);
        return true;
    }

    private void drop(String name) throws RefusedAccessException {
        String owned = owners.entrySet().stream()
                .filter(owner -> owner.getValue().equals(name))
                .map(Map.Entry::getKey)
                .sorted()
                .collect(Collectors.joining(", "));
        if (!owned.isEmpty()) {
            throw new RefusedAccessException(
                    SqlState.NOT_ALLOWED, name + " owns the schemas " + owned + "; drop them first");
        }
        principals.remove(name);
        principals.replaceAll((other, principal) -> {
            Set<String> roles = new HashSet<>(principal.roles());
            return roles.remove(name) ? principal.in(roles) : principal;
        });
        allRights().forEach(rights -> rights.remove(name));
    }

    // ---- roles ----

    /** False when there is one already and that is no error. */
    public boolean createRole(String name, boolean ifNotExists) throws RefusedAccessException {
        Principal there = principals.get(name);
        boolean isRole = name.equals(Principal.PUBLIC) || (there != null && !there.isUser());
        if (ifNotExists && isRole) {
            return false;
        }
        requireFree(name);
        principals.put(name, Principal.role(name));
        return true;
    }

    /** False when there is none and that is no error. */
    public boolean dropRole(String name, boolean ifExists) throws RefusedAccessException {
        Principal role = principals.get(name);
        if (name.equals(Principal.PUBLIC)) {
            throw new RefusedAccessException(
                    SqlState.NOT_ALLOWED, "everybody has the role PUBLIC, it can't be dropped");
        }
        if (role == null || role.isUser()) {
            if (ifExists) {
                return false;
            }
            throw noRole(name);
        }
        drop(name);
        return true;
    }

    private static RefusedAccessException noRole(String name) {
        return new RefusedAccessException(
                SqlState.UNKNOWN_OBJECT, "there is no role " + name + "; INFORMATION_SCHEMA.ROLES shows which are");
    }

    /** Gives a user or a role a role, or takes it away. */
    public void role(boolean isGrant, String role, String grantee) throws RefusedAccessException {
        Principal to = grantee(grantee);
        Principal granted = principals.get(role);
        if (!role.equals(Principal.PUBLIC) && (granted == null || granted.isUser())) {
            throw noRole(role);
        }
        Set<String> roles = new HashSet<>(to.roles());
        if (!isGrant) {
            roles.remove(role);
        } else if (role.equals(grantee) || reaches(role, grantee)) {
            throw new RefusedAccessException(
                    SqlState.NOT_ALLOWED,
                    "role " + role + " has " + grantee + " already; a circle of roles would mean nothing");
        } else {
            roles.add(role);
        }
        principals.put(grantee, to.in(roles));
    }

    private boolean reaches(String from, String role) {
        Principal principal = principals.get(from);
        return principal != null
                && principal.roles().stream().anyMatch(each -> each.equals(role) || reaches(each, role));
    }

    private Principal grantee(String name) throws RefusedAccessException {
        Principal grantee = principals.get(name);
        if (grantee != null) {
            return grantee;
        }
        if (name.equals(Principal.PUBLIC)) {
            return Principal.role(name);
        }
        throw new RefusedAccessException(
                SqlState.UNKNOWN_OBJECT,
                "there is no user or role " + name + "; INFORMATION_SCHEMA.USERS and ROLES show who is");
    }

    // ---- rights ----

    /** Gives or takes the right that concerns all schemas. */
    public void anySchema(boolean isGrant, String grantee) throws RefusedAccessException {
        principals.put(grantee, grantee(grantee).altering(isGrant));
    }

    /** Gives or takes rights on all tables of a schema, those to come too. */
    public void schema(boolean isGrant, Set<Right> rights, String schema, String grantee)
            throws RefusedAccessException {
        change(schemas, isGrant, rights, schema, grantee);
    }

    /** Gives or takes rights on a table or a view. */
    public void table(boolean isGrant, Set<Right> rights, String schema, String table, String grantee)
            throws RefusedAccessException {
        change(tables, isGrant, rights, Accounts.key(schema, table), grantee);
    }

    private void change(
            Map<String, Map<String, Integer>> of, boolean isGrant, Set<Right> rights, String object, String grantee)
            throws RefusedAccessException {
        String name = grantee(grantee).name();
        int mask = rights.stream().mapToInt(Right::mask).reduce(0, (one, other) -> one | other);
        Map<String, Integer> ofObject = of.computeIfAbsent(object, any -> new HashMap<>());
        int old = ofObject.getOrDefault(name, 0);
        int now = isGrant ? old | mask : old & ~mask;
        if (now == 0) {
            ofObject.remove(name);
        } else {
            ofObject.put(name, now);
        }
    }
}
