package io.tunabledb.engine.command;

import static io.tunabledb.engine.h2.catalog.SystemTable.flag;
import static io.tunabledb.engine.h2.catalog.SystemTable.text;

import io.tunabledb.engine.access.Accounts;
import io.tunabledb.engine.access.Principal;
import io.tunabledb.engine.h2.catalog.SystemTable;
import io.tunabledb.sql.Right;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * INFORMATION_SCHEMA.USERS, ROLES and RIGHTS, as H2 has them: an administrator sees all, others themselves and their roles.
 * Nothing of a password is in them.
 */
public final class AccessTables {
    /** In the order in which H2 names them. */
    private static final List<Right> RIGHTS =
            List.of(Right.SELECT, Right.DELETE, Right.INSERT, Right.UPDATE, Right.ALTER_ANY_SCHEMA);

    private final Supplier<Accounts> accounts;

    private AccessTables(Supplier<Accounts> accounts) {
        this.accounts = accounts;
    }

    /** Those of a database with these users. */
    public static List<SystemTable> of(Supplier<Accounts> accounts) {
        AccessTables tables = new AccessTables(accounts);
        return List.of(
                SystemTable.instead(
                        "USERS", List.of(text("USER_NAME"), flag("IS_ADMIN"), text("REMARKS")), tables::users),
                SystemTable.instead("ROLES", List.of(text("ROLE_NAME"), text("REMARKS")), tables::roles),
                SystemTable.instead(
                        "RIGHTS",
                        List.of(
                                text("GRANTEE"),
                                text("GRANTEETYPE"),
                                text("GRANTEDROLE"),
                                text("RIGHTS"),
                                text("TABLE_SCHEMA"),
                                text("TABLE_NAME")),
                        tables::rights));
    }

    private List<List<?>> users(String user) {
        Accounts known = accounts.get();
        if (!known.areInUse()) {
            return List.of(row(user, false, null));
        }
        return known.principals().values().stream()
                .filter(Principal::isUser)
                .filter(each -> known.isAdmin(user) || each.name().equals(user))
                .<List<?>>map(each -> row(each.name(), each.isAdmin(), null))
                .toList();
    }

    private List<List<?>> roles(String user) {
        Accounts known = accounts.get();
        boolean seesAll = !known.areInUse() || known.isAdmin(user);
        TreeSet<String> names = new TreeSet<>(seesAll ? known.principals().keySet() : known.everyName(user));
        names.add(Principal.PUBLIC);
        return names.stream()
                .filter(name -> known.user(name) == null && !name.equals(user))
                .<List<?>>map(name -> row(name, null))
                .toList();
    }

    private List<List<?>> rights(String user) {
        Accounts known = accounts.get();
        if (known.areInUse() && !known.isAdmin(user)) {
            return List.of();
        }
        List<List<?>> rows = new ArrayList<>();
        new TreeMap<>(known.principals()).forEach((name, principal) -> {
            if (principal.altersAnySchema()) {
                rows.add(right(principal, Right.ALTER_ANY_SCHEMA.mask(), "", ""));
            }
            new TreeSet<>(principal.roles())
                    .forEach(role -> rows.add(row(name, type(principal), role, null, null, null)));
        });
        new TreeMap<>(known.schemas()).forEach((schema, rights) -> each(rights, known, rows, schema, ""));
        new TreeMap<>(known.tables()).forEach((table, rights) -> {
            int colon = table.indexOf(':');
            int dot = colon + 1 + Integer.parseInt(table.substring(0, colon));
            each(rights, known, rows, table.substring(colon + 1, dot), table.substring(dot + 1));
        });
        return rows;
    }

    private static void each(
            Map<String, Integer> rights, Accounts known, List<List<?>> rows, String schema, String table) {
        new TreeMap<>(rights).forEach((name, mask) -> {
            Principal grantee = known.principals().get(name);
            rows.add(
                    grantee == null
                            ? row(name, "ROLE", null, namesOf(mask), schema, table)
                            : right(grantee, mask, schema, table));
        });
    }

    private static List<?> right(Principal grantee, int mask, String schema, String table) {
        return row(grantee.name(), type(grantee), null, namesOf(mask), schema, table);
    }

    private static String namesOf(int mask) {
        int all = Stream.of(Right.SELECT, Right.DELETE, Right.INSERT, Right.UPDATE)
                .mapToInt(Right::mask)
                .sum();
        return mask == all
                ? "ALL"
                : RIGHTS.stream()
                        .filter(right -> (mask & right.mask()) != 0)
                        .map(Right::sql)
                        .collect(Collectors.joining(", "));
    }

    private static String type(Principal principal) {
        return principal.isUser() ? "USER" : "ROLE";
    }

    private static List<@Nullable Object> row(@Nullable Object... values) {
        return Arrays.asList(values);
    }
}
