package io.tunabledb.engine.plan;

import io.tunabledb.consistency.Operation;
import io.tunabledb.consistency.Rule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What the schema makes statements do to tables that they don't name. A foreign key that is only checked is none of it:
 * storage does that at the leader whatever the level, and nothing of the rows is shown.
 *
 * @param changes the tables that a change of a table also reads (defaults, ON UPDATE, generated columns, checks, domains) and
 *     changes (referential actions), to the end, by {@code OPERATION SCHEMA.TABLE}
 * @param domains the tables that checks and defaults of domains read, by the domain's name
 * @param named tables, {@code SCHEMA.TABLE}, whose names would mean something else if they weren't there
 */
public record TableEffects(
        Map<String, List<Touched>> changes, Map<String, List<Rule.Table>> domains, Set<String> named) {
    /** Of a schema without such. */
    static final TableEffects NONE = new TableEffects(Map.of(), Map.of(), Set.of());

    private static final String CHANGE = "effects.";
    private static final String DOMAIN = "domain.";
    private static final String NAMED = "named.";
    private static final List<Operation> CHANGES = List.of(Operation.INSERT, Operation.UPDATE, Operation.DELETE);

    public TableEffects {
        changes = Map.copyOf(changes);
        domains = Map.copyOf(domains);
        named = Set.copyOf(named);
    }

    /** The setting's name under which is said what a change of a table also does: a line each, operation, schema and name. */
    public static String changeSetting(Operation operation, String table) {
        return CHANGE + operation + " " + table;
    }

    /** The setting's name under which are the tables a domain reads. */
    public static String domainSetting(String schema, String name) {
        return DOMAIN + schema + "." + name;
    }

    /** The setting's name that says there is such a table. */
    public static String nameSetting(String table) {
        return NAMED + table;
    }

    /** Whether there being a table of that name must be said. */
    public static boolean isToBeNamed(String table) {
        return table.equals(SystemTables.DUAL);
    }

    static TableEffects of(Map<String, String> settings) {
        Map<String, List<Touched>> changes = new HashMap<>();
        Map<String, List<Rule.Table>> domains = new HashMap<>();
        Set<String> named = new HashSet<>();
        settings.forEach((name, value) -> {
            if (name.startsWith(CHANGE)) {
                changes.put(
                        name.substring(CHANGE.length()),
                        value.lines().map(TableEffects::touched).toList());
            } else if (name.startsWith(DOMAIN)) {
                domains.merge(
                        name.substring(name.lastIndexOf('.') + 1),
                        value.lines().map(Catalog::listed).toList(),
                        TableEffects::joined);
            } else if (name.startsWith(NAMED)) {
                named.add(name.substring(NAMED.length()));
            }
        });
        return changes.isEmpty() && domains.isEmpty() && named.isEmpty()
                ? NONE
                : new TableEffects(changes, domains, named);
    }

    private static Touched touched(String line) {
        int end = line.indexOf('\t');
        Rule.Table table = Catalog.listed(line.substring(end + 1));
        return Touched.of(
                Objects.requireNonNull(table.schema()), table.name(), Operation.valueOf(line.substring(0, end)));
    }

    private static <T> List<T> joined(List<T> one, List<T> other) {
        List<T> all = new ArrayList<>(one);
        all.addAll(other);
        return List.copyOf(all);
    }

    /** Those of a change of that table; a MERGE, and whatever a query does on the way, may be any. */
    Set<Touched> of(Plan.Table table, Operation operation) {
        Set<Touched> all = new LinkedHashSet<>();
        for (Operation each : CHANGES.contains(operation) ? List.of(operation) : CHANGES) {
            all.addAll(changes.getOrDefault(each + " " + table, List.of()));
        }
        return all;
    }

    /** The tables behind the domains that a text may name; rather more than fewer. */
    Set<Plan.Table> ofDomains(String text) {
        Set<Plan.Table> read = new LinkedHashSet<>();
        if (!domains.isEmpty()) {
            String upper = text.toUpperCase(Locale.ROOT);
            domains.forEach((name, tables) -> {
                if (hasWord(upper, name.toUpperCase(Locale.ROOT))) {
                    tables.forEach(table ->
                            read.add(Touched.of(Objects.requireNonNull(table.schema()), table.name(), Operation.SELECT)
                                    .table()));
                }
            });
        }
        return read;
    }

    private static boolean hasWord(String text, String word) {
        for (int at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
            int end = at + word.length();
            boolean begins = at == 0 || !Character.isJavaIdentifierPart(text.charAt(at - 1));
            if (begins && (end == text.length() || !Character.isJavaIdentifierPart(text.charAt(end)))) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether a statement only changes a table by the way: its text says nothing of it.
     *
     * @param tables all it has to do with, {@code SCHEMA.TABLE}
     */
    public boolean isOnlyChanged(String table, List<String> tables, String text) {
        if (changes.isEmpty()
                || text.toUpperCase(Locale.ROOT).contains(nameOf(table).toUpperCase(Locale.ROOT))) {
            return false;
        }
        boolean isChanged = false;
        for (String other : tables) {
            for (Operation operation : CHANGES) {
                for (Touched touched : changes.getOrDefault(operation + " " + other, List.of())) {
                    boolean isIt = touched.table().toString().equals(table);
                    if (isIt && touched.operation().isRead()) {
                        return false;
                    }
                    isChanged |= isIt;
                }
            }
        }
        return isChanged;
    }

    private static String nameOf(String table) {
        return table.substring(table.lastIndexOf('.') + 1);
    }

    TableEffects naming(String table) {
        Set<String> names = new HashSet<>(named);
        names.add(table);
        return new TableEffects(changes, domains, names);
    }
}
