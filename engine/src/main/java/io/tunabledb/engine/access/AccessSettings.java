package io.tunabledb.engine.access;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Users and rights as settings of the replicated catalog. The rights on a table are one setting of that table, and those on a
 * schema and its owner settings of that schema, so that a definition which renames or drops it takes them along.
 */
public final class AccessSettings {
    private static final String PRINCIPAL = "access.";
    private static final String USER = "access.user.";
    private static final String ROLE = "access.role.";

    /** With {@link Accounts#key} behind it: a line for each grantee, his rights' bits and his name. */
    public static final String TABLE_RIGHTS = "table.rights.";

    /** {@code …SCHEMA}: likewise. */
    public static final String SCHEMA_RIGHTS = "schema.rights.";

    /** {@code …SCHEMA}: the name of its owner. */
    public static final String SCHEMA_OWNER = "schema.owner.";

    /** The setting every change writes first. */
    public static final String LOCK = "access.lock";

    /** What the names of all these settings begin with. */
    public static final List<String> PREFIXES = List.of(PRINCIPAL, TABLE_RIGHTS, SCHEMA_RIGHTS, SCHEMA_OWNER);

    private AccessSettings() {}

    /**
     * Reads them; others are left out.
     *
     * @throws IllegalStateException when one can't be read; the message does not show it
     */
    static Accounts read(Map<String, String> settings) {
        Map<String, Principal> principals = new HashMap<>();
        Map<String, Map<String, Integer>> tables = new HashMap<>();
        Map<String, Map<String, Integer>> schemas = new HashMap<>();
        Map<String, String> owners = new HashMap<>();
        Map<String, Accounts.Target> synonyms = new HashMap<>();
        settings.forEach((name, value) -> {
            if (name.startsWith(USER)) {
                principals.put(after(name, USER), user(after(name, USER), value));
            } else if (name.startsWith(ROLE)) {
                List<String> lines = lines(name, value, 3);
                Principal role = Principal.role(after(name, ROLE));
                principals.put(role.name(), flagged(role, lines.subList(0, 3)));
            } else if (name.startsWith(TABLE_RIGHTS)) {
                tables.put(after(name, TABLE_RIGHTS), rights(name, value));
            } else if (name.startsWith(SCHEMA_RIGHTS)) {
                schemas.put(after(name, SCHEMA_RIGHTS), rights(name, value));
            } else if (name.startsWith(SCHEMA_OWNER)) {
                owners.put(after(name, SCHEMA_OWNER), value);
            } else if (name.startsWith(Accounts.SYNONYM)) {
                String[] target = value.split("\t", 2);
                synonyms.put(
                        after(name, Accounts.SYNONYM),
                        new Accounts.Target(target[0].translateEscapes(), target[1].translateEscapes()));
            }
        });
        return principals.isEmpty() && tables.isEmpty() && schemas.isEmpty() && owners.isEmpty()
                ? Accounts.NONE
                : new Accounts(principals, tables, schemas, owners, synonyms);
    }

    private static String after(String name, String prefix) {
        return name.substring(prefix.length());
    }

    private static Principal user(String name, String value) {
        List<String> lines = lines(name, value, 6);
        try {
            Principal.Login login = new Principal.Login(Long.parseLong(lines.get(3)), lines.get(4), lines.get(5));
            return flagged(new Principal(name, login, false, false, Set.of()), lines);
        } catch (NumberFormatException e) {
            throw unreadable(USER + name);
        }
    }

    private static Principal flagged(Principal plain, List<String> lines) {
        Set<String> roles =
                lines.get(2).isEmpty() ? Set.of() : Set.of(lines.get(2).split("\t"));
        return plain.admin(!lines.get(0).isEmpty())
                .altering(!lines.get(1).isEmpty())
                .in(roles);
    }

    /** The last of them may have more lines in it. */
    private static List<String> lines(String name, String value, int count) {
        String[] lines = value.split("\n", count);
        if (lines.length != count) {
            throw unreadable(name);
        }
        return List.of(lines);
    }

    private static Map<String, Integer> rights(String name, String value) {
        Map<String, Integer> rights = new HashMap<>();
        value.lines().forEach(line -> {
            int tab = line.indexOf('\t');
            try {
                rights.put(line.substring(tab + 1), Integer.parseInt(line.substring(0, Math.max(tab, 0))));
            } catch (NumberFormatException e) {
                throw unreadable(name);
            }
        });
        return rights;
    }

    private static IllegalStateException unreadable(String name) {
        return new IllegalStateException("catalog setting " + name + " can't be read");
    }

    /** The settings that hold them. */
    static Map<String, String> write(Accounts accounts) {
        Map<String, String> settings = new LinkedHashMap<>();
        accounts.principals().forEach((name, principal) -> {
            Principal.Login login = principal.login();
            String flags = String.join("\n", principal.flags()) + "\n"
                    + principal.roles().stream().sorted().collect(Collectors.joining("\t"));
            settings.put(
                    (login == null ? ROLE : USER) + name,
                    login == null
                            ? flags
                            : flags + "\n" + login.id() + "\n" + login.verifier() + "\n" + login.userType());
        });
        accounts.tables().forEach((table, rights) -> put(settings, TABLE_RIGHTS + table, rights));
        accounts.schemas().forEach((schema, rights) -> put(settings, SCHEMA_RIGHTS + schema, rights));
        accounts.owners().forEach((schema, owner) -> settings.put(SCHEMA_OWNER + schema, owner));
        return settings;
    }

    private static void put(Map<String, String> settings, String name, Map<String, Integer> rights) {
        if (!rights.isEmpty()) {
            settings.put(
                    name,
                    new TreeMap<>(rights)
                            .entrySet().stream()
                                    .map(right -> right.getValue() + "\t" + right.getKey())
                                    .collect(Collectors.joining("\n")));
        }
    }

    /** A copy that can be changed. */
    static Map<String, Map<String, Integer>> copied(Map<String, Map<String, Integer>> rights) {
        Map<String, Map<String, Integer>> copy = new HashMap<>();
        rights.forEach((object, ofObject) -> copy.put(object, new HashMap<>(ofObject)));
        return copy;
    }
}
