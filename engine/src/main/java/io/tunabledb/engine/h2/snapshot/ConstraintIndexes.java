package io.tunabledb.engine.h2.snapshot;

import io.tunabledb.engine.h2.internals.H2Tree;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.h2.constraint.Constraint;
import org.h2.constraint.ConstraintReferential;
import org.h2.constraint.ConstraintUnique;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.index.Index;
import org.h2.message.DbException;
import org.h2.mvstore.db.MVTable;
import org.h2.schema.Schema;
import org.h2.schema.SchemaObject;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * Which index each constraint uses, which unique constraint a reference means, and in which order tables have them: what H2's
 * SQL does not say. Of several that would do H2 takes the first one there is at that moment, and what may be dropped, and
 * what goes with it, hangs on that. So a script ends with lines of its own for it, which are no SQL.
 */
final class ConstraintIndexes {
    private static final String USES = "TUNABLE CONSTRAINT ";
    private static final String INDEXES = "TUNABLE ORDER OF INDEXES OF ";
    private static final String CONSTRAINTS = "TUNABLE ORDER OF CONSTRAINTS OF ";
    private static final Pattern NAME = Pattern.compile("\"((?:[^\"]|\"\")*)\"");

    private ConstraintIndexes() {}

    /** The lines for a schema's tables and constraints. */
    static List<String> script(List<Table> tables, List<Constraint> constraints) {
        List<String> lines = new ArrayList<>();
        for (Constraint constraint : constraints) {
            Index index = constraint.getIndex();
            if (index != null && (!isOwner(constraint) || constraint.getReferencedConstraint() != null)) {
                lines.add(USES + name(constraint) + uses(constraint));
            }
        }
        for (Table table : tables) {
            if (table instanceof MVTable rows) {
                List<Index> indexes = written(rows.getIndexes());
                addOrder(INDEXES, table, indexes, lines);
                addOrder(CONSTRAINTS, table, written(table.getConstraints()), lines);
            }
        }
        return lines;
    }

    /** What a constraint uses, in words; empty if it needs no index. */
    static String uses(Constraint constraint) {
        Index index = constraint.getIndex();
        if (index == null) {
            return "";
        }
        Constraint referenced = constraint.getReferencedConstraint();
        return (isOwner(constraint) ? " OWNS " : " USES ")
                + name(index)
                + (referenced == null ? "" : " REFERENCES " + name(referenced));
    }

    /** H2 names the index of a constraint only if it goes with it. */
    private static boolean isOwner(Constraint constraint) {
        return !constraint.getCreateSQL().equals(constraint.getCreateSQLWithoutIndexes());
    }

    /** Those that H2 writes down. */
    private static <T extends SchemaObject> List<T> written(Iterable<T> objects) {
        List<T> written = new ArrayList<>();
        for (T object : objects) {
            if (object.getCreateSQL() != null) {
                written.add(object);
            }
        }
        return written;
    }

    private static void addOrder(String what, Table table, List<? extends SchemaObject> objects, List<String> lines) {
        if (objects.size() > 1) {
            StringBuilder line = new StringBuilder(what).append(name(table)).append(':');
            objects.forEach(object -> line.append(' ').append(name(object)));
            lines.add(line.toString());
        }
    }

    private static String name(SchemaObject object) {
        return quoted(object.getSchema().getName()) + '.' + quoted(object.getName());
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** Whether a line of a script is one of these. */
    static boolean isOne(String line) {
        return Stream.of(USES, INDEXES, CONSTRAINTS).anyMatch(line::startsWith);
    }

    /**
     * Does what a line says.
     *
     * @throws DbException something it names is not there yet
     */
    static void execute(String line, SessionLocal session) {
        Database database = session.getDatabase();
        List<String> names = new ArrayList<>();
        for (Matcher name = NAME.matcher(line); name.find(); ) {
            names.add(name.group(1).replace("\"\"", "\""));
        }
        List<SchemaObject> objects = new ArrayList<>();
        if (line.startsWith(USES)) {
            use(constraint(names, 0, database), index(names, 2, database), referenced(names, database));
            return;
        }
        Table table = database.getSchema(names.get(0)).getTableOrView(session, names.get(1));
        for (int i = 2; i < names.size(); i += 2) {
            objects.add(line.startsWith(INDEXES) ? index(names, i, database) : constraint(names, i, database));
        }
        if (line.startsWith(INDEXES)) {
            Map<Object, Integer> places = new HashMap<>();
            objects.forEach(index -> places.put(index, places.size() + 1));
            // the rows themselves come first
            table.getIndexes().sort((a, b) -> places.getOrDefault(a, 0) - places.getOrDefault(b, 0));
        } else {
            objects.forEach(constraint -> table.removeConstraint((Constraint) constraint));
            objects.forEach(constraint -> table.addConstraint((Constraint) constraint));
        }
    }

    private static @Nullable ConstraintUnique referenced(List<String> names, Database database) {
        return names.size() < 6 ? null : (ConstraintUnique) constraint(names, 4, database);
    }

    /** What owns its index has it already: its SQL says which. */
    private static void use(Constraint constraint, Index index, @Nullable ConstraintUnique referenced) {
        boolean isOther = !Objects.equals(constraint.getIndex(), index);
        if (constraint instanceof ConstraintReferential reference) {
            if (isOther) {
                reference.setIndex(index, false);
            }
            if (referenced != null) {
                reference.setRefConstraint(referenced);
            }
        } else if (isOther) {
            H2Tree.UNIQUE_INDEX.set(constraint, index);
        }
    }

    private static Constraint constraint(List<String> names, int at, Database database) {
        return database.getSchema(names.get(at)).getConstraint(names.get(at + 1));
    }

    private static Index index(List<String> names, int at, Database database) {
        Schema schema = database.getSchema(names.get(at));
        return schema.getIndex(names.get(at + 1));
    }
}
