package io.tunabledb.engine.access;

import io.tunabledb.sql.Right;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what, as H2 has it: rights on tables and schemas, of users and of roles that have roles; the owner of a schema
 * has all rights in it. A database without users belongs to whoever opens it. A value.
 *
 * @param principals users and roles by name
 * @param tables rights' bits by {@link #key} and grantee
 * @param schemas likewise by schema
 * @param owners the schemas' owners, who are users or roles; those of others belong to administrators
 * @param synonyms what stands behind synonyms, whose rights are those on that, by {@link #key}
 */
public record Accounts(
        Map<String, Principal> principals,
        Map<String, Map<String, Integer>> tables,
        Map<String, Map<String, Integer>> schemas,
        Map<String, String> owners,
        Map<String, Target> synonyms) {

    /** The setting's name under which is what a synonym stands for. */
    public static final String SYNONYM = "synonym.";

    /** Of a database without users. */
    public static final Accounts NONE = new Accounts(Map.of(), Map.of(), Map.of(), Map.of(), Map.of());

    public Accounts {
        principals = Map.copyOf(principals);
        tables = frozen(tables);
        schemas = frozen(schemas);
        owners = Map.copyOf(owners);
        synonyms = Map.copyOf(synonyms);
    }

    /** One name of both, which can be taken apart whatever dots are in them. */
    public static String key(String schema, String table) {
        return schema.length() + ":" + schema + "." + table;
    }

    /** A table or a view. */
    public record Target(String schema, String name) {}

    /** What rights are asked on for that name. */
    public Target behind(String schema, String name) {
        Target target = synonyms.get(key(schema, name));
        return target == null ? new Target(schema, name) : target;
    }

    private static Map<String, Map<String, Integer>> frozen(Map<String, Map<String, Integer>> rights) {
        Map<String, Map<String, Integer>> frozen = new HashMap<>();
        rights.forEach((object, ofObject) -> frozen.put(object, Map.copyOf(ofObject)));
        return Map.copyOf(frozen);
    }

    /**
     * Reads the settings as they stand in storage.
     *
     * @throws IllegalStateException when one can't be read
     */
    public static Accounts of(Map<String, String> settings) {
        return AccessSettings.read(settings);
    }

    /** Whether there is a user, and so nobody may anything that he was not given. */
    public boolean areInUse() {
        return !principals.isEmpty() && principals.values().stream().anyMatch(Principal::isUser);
    }

    /** The user of that name, upper case; null when there is none. */
    public @Nullable Principal user(String name) {
        Principal principal = principals.get(name);
        return principal != null && principal.isUser() ? principal : null;
    }

    /** The user of that id, whatever he is called now; null when he is dropped. */
    public @Nullable Principal user(long id) {
        for (Principal principal : principals.values()) {
            Principal.Login login = principal.login();
            if (login != null && login.id() == id) {
                return principal;
            }
        }
        return null;
    }

    /** Whether that user may do everything. */
    public boolean isAdmin(String user) {
        Principal principal = user(user);
        return principal != null && principal.isAdmin();
    }

    /**
     * Whether a user may do something.
     *
     * @param user who may not be there any more: then he has what everybody has
     * @param table empty for the schema itself
     */
    public boolean may(String user, String schema, String table, Right right) {
        if (isAdmin(user)) {
            return true;
        }
        if (right == Right.ADMIN) {
            return false;
        }
        String name = key(schema, table);
        for (String each : everyName(user)) {
            Principal principal = principals.get(each);
            if (principal != null && principal.altersAnySchema()) {
                return true;
            }
            if (right == Right.ALTER_ANY_SCHEMA) {
                continue;
            }
            int given = schemas.getOrDefault(schema, Map.of()).getOrDefault(each, 0)
                    | tables.getOrDefault(name, Map.of()).getOrDefault(each, 0);
            if (each.equals(owners.get(schema)) || (given & right.mask()) != 0) {
                return true;
            }
        }
        return false;
    }

    /** The user, everybody, and all their roles, to the end. */
    public Set<String> everyName(String user) {
        Set<String> names = new LinkedHashSet<>();
        Deque<String> open = new ArrayDeque<>();
        open.add(user);
        open.add(Principal.PUBLIC);
        while (!open.isEmpty()) {
            String name = open.poll();
            Principal principal = principals.get(name);
            if (names.add(name) && principal != null) {
                open.addAll(principal.roles());
            }
        }
        return names;
    }

    /** How many users may do everything. */
    long admins() {
        return principals.values().stream().filter(Principal::isAdmin).count();
    }
}
