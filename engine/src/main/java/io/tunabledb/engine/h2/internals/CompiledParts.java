package io.tunabledb.engine.h2.internals;

import io.tunabledb.engine.h2.sql.TableName;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.h2.command.query.Query;
import org.h2.constraint.ConstraintDomain;
import org.h2.expression.Expression;
import org.h2.expression.function.table.TableFunction;
import org.h2.index.IndexCondition;
import org.h2.mvstore.db.MVTable;
import org.h2.schema.Domain;
import org.h2.schema.Sequence;
import org.h2.table.MetaTable;
import org.h2.table.Table;
import org.h2.table.TableFilter;
import org.h2.table.TableView;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a compiled expression or query of H2's leads to: expressions, queries, tables, table functions, sequences
 * and domains, through views and domains' checks to the end. H2's own visitors pass windows, ranges' bounds, table functions
 * and tables of values by. So this asks none of them: it follows every reference there is.
 */
public final class CompiledParts {
    private static final ClassValue<Field[]> REFERENCES = new ClassValue<>() {
        @Override
        protected Field[] computeValue(Class<?> type) {
            return references(type);
        }
    };

    private final List<Part> parts = new ArrayList<>();
    private final Deque<Part> open = new ArrayDeque<>();
    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());

    private CompiledParts() {}

    /**
     * One of them.
     *
     * @param via the view or domain it was found in; null when it is in what was asked about itself
     */
    public record Part(Object what, @Nullable Via via) {}

    /** A view or domain on the way. */
    record Via(@Nullable Via before, String step) {
        @Override
        public String toString() {
            return before == null ? step : before + ", " + step;
        }
    }

    /** All parts of what {@code root} holds, itself included. Iterative, because what was compiled may be as deep as a stack. */
    public static List<Part> of(@Nullable Object root) {
        CompiledParts found = new CompiledParts();
        found.reach(root, null);
        while (!found.open.isEmpty()) {
            found.open(found.open.poll());
        }
        return found.parts;
    }

    private void reach(@Nullable Object value, @Nullable Via via) {
        if (value instanceof Collection<?> values) {
            values.forEach(each -> reach(each, via));
        } else if (value instanceof Map<?, ?> map) {
            reach(map.keySet(), via);
            reach(map.values(), via);
        } else if (value instanceof Object[] values) {
            reach(Arrays.asList(values), via);
        } else if (value instanceof SessionExpression separate) {
            reach(separate.declared(), via);
        } else if (value != null && isFollowed(value) && seen.add(value)) {
            Part part = new Part(value, via);
            if (value instanceof Expression
                    || value instanceof Query
                    || value instanceof Table
                    || value instanceof TableFunction
                    || value instanceof Sequence
                    || value instanceof Domain) {
                parts.add(part);
            }
            open.add(part);
        }
    }

    private static boolean isFollowed(Object value) {
        String in = value.getClass().getPackageName();
        if (value instanceof Enum) {
            return false;
        }
        return value instanceof Table
                || value instanceof Sequence
                || value instanceof Domain
                || value instanceof TableFilter
                || value instanceof IndexCondition
                || in.startsWith("org.h2.expression")
                || in.equals("org.h2.command.query")
                || in.equals("org.h2.command.dml")
                || in.equals("org.h2.mode");
    }

    private void open(Part part) {
        Object what = part.what();
        if (what instanceof MVTable || what instanceof MetaTable || what instanceof Sequence) {
            return; // what they depend on are rows, not what computes them
        }
        if (what instanceof Domain domain) {
            Via via = new Via(part.via(), "domain " + name(domain.getSchema().getName(), domain.getName()));
            List<ConstraintDomain> checks = domain.getConstraints();
            if (checks != null) {
                checks.forEach(check -> reach(check.getExpression(), via));
            }
            reach(domain.getDomain(), via);
            return;
        }
        Via via = what instanceof TableView view
                ? new Via(part.via(), "view " + name(view.getSchema().getName(), view.getName()))
                : part.via();
        for (Field field : REFERENCES.get(what.getClass())) {
            reach(value(field, what), via);
        }
    }

    private static String name(String schema, String name) {
        return new TableName(schema, name).toString();
    }

    private static @Nullable Object value(Field field, Object owner) {
        try {
            return field.get(owner);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("H2's statement can't be read: " + field, e);
        }
    }

    /** What a table is to others, its views and constraints, stands in {@link Table} itself and leads away from it. */
    private static Field[] references(Class<?> type) {
        List<Field> fields = new ArrayList<>();
        for (Class<?> each = type;
                each != null && each != Object.class && each != Table.class;
                each = each.getSuperclass()) {
            for (Field field : each.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
                    field.setAccessible(true);
                    fields.add(field);
                }
            }
        }
        return fields.toArray(Field[]::new);
    }
}
