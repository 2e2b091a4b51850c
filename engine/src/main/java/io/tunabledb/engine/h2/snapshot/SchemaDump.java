package io.tunabledb.engine.h2.snapshot;

import io.tunabledb.engine.h2.sql.ReservedNames;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.h2.constraint.Constraint;
import org.h2.engine.Database;
import org.h2.engine.DbObject;
import org.h2.engine.RightOwner;
import org.h2.engine.Role;
import org.h2.expression.Expression;
import org.h2.index.Index;
import org.h2.mvstore.db.MVTable;
import org.h2.schema.Constant;
import org.h2.schema.Domain;
import org.h2.schema.Schema;
import org.h2.schema.Sequence;
import org.h2.table.Column;
import org.h2.table.ColumnTemplate;
import org.h2.table.Table;
import org.h2.table.TableSynonym;
import org.h2.table.TableView;
import org.h2.util.HasSQL;
import org.h2.util.StringUtils;
import org.jspecify.annotations.Nullable;

/**
 * Writes the users' schema down, each object after those it needs. Where objects can need each other (tables, views and
 * domains, by what their defaults, generated columns and checks read), they are made without that, and an ALTER adds it
 * when all are there.
 */
final class SchemaDump {
    private static final Comparator<DbObject> BY_ID = Comparator.comparingInt(DbObject::getId);

    private final List<String> before = new ArrayList<>();
    private final List<String> after = new ArrayList<>();
    /** What is added to objects when all are there. */
    private final List<String> alters = new ArrayList<>();
    /** Row keys of tables that such an ALTER copies, which H2 can't do when they have one. */
    private final List<String> lateKeys = new ArrayList<>();

    private final List<Schema> schemas = new ArrayList<>();
    private final List<Table> tables = new ArrayList<>();
    private final List<Domain> domains;
    private final Collection<RightOwner> owners;

    private SchemaDump(Database database) {
        for (Schema schema : database.getAllSchemasNoMeta()) {
            if (!ReservedNames.isOwn(schema.getName())) {
                schemas.add(schema);
                tables.addAll(schema.getAllTablesAndViews(null));
            }
        }
        schemas.sort(BY_ID);
        tables.removeIf(table -> table.getId() == 0); // H2's own catalog
        tables.sort(BY_ID);
        domains = sorted(Schema::getAllDomains);
        owners = database.getAllUsersAndRoles();
    }

    static SchemaScript of(Database database) {
        return new SchemaDump(database).script();
    }

    private SchemaScript script() {
        List<Constraint> constraints = sorted(Schema::getAllConstraints);
        // references need what is unique
        constraints.sort(Comparator.comparing(Constraint::getConstraintType));
        List<Constant> constants = sorted(Schema::getAllConstants);
        List<Sequence> sequences = sorted(Schema::getAllSequences);
        List<TableSynonym> synonyms = sorted(Schema::getAllSynonyms);
        sequences.removeIf(Sequence::getBelongsToTable);
        addSchemas();
        sequences.forEach(sequence -> before.add("CREATE SEQUENCE " + name(sequence) + " AS "
                + sequence.getDataType().getSQL(HasSQL.DEFAULT_SQL_FLAGS) + " " + options(sequence)));
        domains.forEach(this::addDomain);
        constants.forEach(constant -> before.add(constant.getCreateSQL()));
        tables.forEach(table -> {
            if (table instanceof MVTable rows) {
                addTable(rows);
            }
        });
        views().forEach(view -> before.add(view.getCreateSQL()));
        synonyms.forEach(synonym -> before.add(synonym.getCreateSQL()));
        before.addAll(alters);
        before.addAll(lateKeys);
        for (Constraint constraint : constraints) {
            boolean ofDomain = constraint.getConstraintType() == Constraint.Type.DOMAIN;
            (ofDomain ? before : after).add(constraint.getCreateSQL());
        }
        addComments("SCHEMA", schemas);
        addComments("SEQUENCE", sequences);
        addComments("DOMAIN", domains);
        addComments("CONSTANT", constants);
        for (RightOwner owner : owners) {
            addComments(owner instanceof Role ? "ROLE" : "USER", List.of(owner));
        }
        after.addAll(ConstraintIndexes.script(tables, constraints));
        return new SchemaScript(before, after);
    }

    /** A schema's objects of a kind. */
    private interface Kind<T> {
        Collection<T> of(Schema schema);
    }

    /** In the order they were made in. */
    private <T extends DbObject> List<T> sorted(Kind<T> kind) {
        List<T> all = new ArrayList<>();
        schemas.forEach(schema -> all.addAll(kind.of(schema)));
        all.sort(BY_ID);
        return all;
    }

    private void addSchemas() {
        for (Schema schema : schemas) {
            String sql = schema.getCreateSQL();
            if (sql != null) {
                before.add(sql);
            }
        }
    }

    /** A domain can only be built on an older one. */
    private void addDomain(Domain domain) {
        StringBuilder sql = domain.getSQL(new StringBuilder("CREATE DOMAIN "), HasSQL.DEFAULT_SQL_FLAGS)
                .append(" AS ");
        Domain parent = domain.getDomain();
        if (parent != null) {
            parent.getSQL(sql, HasSQL.DEFAULT_SQL_FLAGS);
        } else {
            domain.getDataType().getSQL(sql, HasSQL.DEFAULT_SQL_FLAGS);
        }
        for (Clause clause : CLAUSES) {
            Expression value = clause.of().apply(domain);
            if (value != null && mayRead(value)) {
                alters.add("ALTER DOMAIN " + name(domain) + " SET" + clause.sql() + text(value));
                takeBack(domain, clause);
            } else if (value != null) {
                sql.append(clause.sql()).append(text(value));
            }
        }
        before.add(sql.toString());
    }

    /** What domains and columns alike may have. */
    private record Clause(String sql, Function<ColumnTemplate, @Nullable Expression> of) {}

    private static final List<Clause> CLAUSES = List.of(
            new Clause(" DEFAULT ", ColumnTemplate::getDefaultExpression),
            new Clause(" ON UPDATE ", ColumnTemplate::getOnUpdateExpression));

    /** ALTER DOMAIN gives a default to everything that is of the domain and has none. */
    private void takeBack(Domain domain, Clause clause) {
        for (Domain other : domains) {
            if (Objects.equals(other.getDomain(), domain) && clause.of().apply(other) == null) {
                alters.add("ALTER DOMAIN " + name(other) + " DROP" + clause.sql());
            }
        }
        for (Table table : tables) {
            for (Column column : table.getColumns()) {
                if (table instanceof MVTable
                        && Objects.equals(column.getDomain(), domain)
                        && clause.of().apply(column) == null) {
                    alters.add(alter(table, column) + " DROP" + clause.sql());
                }
            }
        }
    }

    private void addTable(MVTable table) {
        before.add(withoutAlters(table));
        boolean keyed = SchemaScript.isKeyed(table);
        boolean isCopied = Stream.of(table.getColumns()).anyMatch(SchemaDump::isGeneratedLater);
        List<Index> indexes = new ArrayList<>(table.getIndexes());
        indexes.removeIf(index -> index.getCreateSQL() == null); // the rows themselves
        for (Index index : indexes) {
            boolean isRowKey = keyed && index.getIndexType().isPrimaryKey();
            (!isRowKey ? after : isCopied ? lateKeys : before).add(index.getCreateSQL());
        }
    }

    private String withoutAlters(Table table) {
        String sql = table.getCreateSQL();
        String all = columns(Stream.of(table.getColumns()).map(Column::getCreateSQL));
        String own = columns(Stream.of(table.getColumns()).map(column -> withoutAlters(table, column)));
        int at = sql.lastIndexOf(all);
        return at < 0 ? sql : sql.substring(0, at) + own + sql.substring(at + all.length());
    }

    private static String columns(Stream<String> columns) {
        return columns.collect(Collectors.joining(",\n    ", "(\n    ", "\n)"));
    }

    private String withoutAlters(Table table, Column column) {
        Column bare = column.getClone();
        Expression value = column.getDefaultExpression();
        if (value != null && !column.isIdentity() && mayRead(value)) {
            bare.setDefaultExpression(null, null);
            String how = column.isGenerated() ? " " + column.getCreateSQLWithoutName() : " SET DEFAULT " + text(value);
            alters.add(alter(table, column) + how);
        }
        Expression onUpdate = column.getOnUpdateExpression();
        if (onUpdate != null && mayRead(onUpdate)) {
            bare.setOnUpdateExpression(null, null);
            alters.add(alter(table, column) + " SET ON UPDATE " + text(onUpdate));
        }
        String sql = bare.getCreateSQL();
        Sequence sequence = column.getSequence();
        if (sequence == null) {
            return sql;
        }
        String written = sequence.getSequenceOptionsSQL(new StringBuilder()).toString();
        return sql.replace("AS IDENTITY(" + written + ")", "AS IDENTITY(" + options(sequence) + ")");
    }

    private static boolean isGeneratedLater(Column column) {
        Expression value = column.getDefaultExpression();
        return value != null && column.isGenerated() && mayRead(value);
    }

    /** H2 leaves a bound out if it is the default for where the sequence stands, and reads the default for where it began. */
    private static String options(Sequence sequence) {
        boolean isExhausted = sequence.getCycle() == Sequence.Cycle.EXHAUSTED;
        return "START WITH " + sequence.getStartValue()
                + (isExhausted ? "" : " RESTART WITH " + sequence.getBaseValue())
                + " INCREMENT BY " + sequence.getIncrement()
                + " MINVALUE " + sequence.getMinValue()
                + " MAXVALUE " + sequence.getMaxValue()
                + (isExhausted ? " EXHAUSTED" : sequence.getCycle() == Sequence.Cycle.CYCLE ? " CYCLE" : " NO CYCLE")
                + (sequence.getCacheSize() > 1 ? " CACHE " + sequence.getCacheSize() : " NO CACHE");
    }

    private static String alter(Table table, Column column) {
        return "ALTER TABLE " + name(table) + " ALTER COLUMN " + column.getSQL(HasSQL.DEFAULT_SQL_FLAGS);
    }

    /**
     * Whether an expression may read a table. H2 can tell exactly, but goes round in circles where a check reads a view of its
     * own table; what is added later without need does no harm.
     */
    private static boolean mayRead(Expression expression) {
        String text = text(expression);
        return text.contains("SELECT") || text.contains("TABLE");
    }

    /** A view after those it reads. */
    private Set<TableView> views() {
        Set<TableView> ordered = new LinkedHashSet<>();
        for (Table table : tables) {
            if (table instanceof TableView view) {
                addView(view, ordered);
            }
        }
        return ordered;
    }

    private static void addView(TableView view, Set<TableView> ordered) {
        if (!ordered.contains(view)) {
            for (Table read : view.getTables()) {
                if (read instanceof TableView other
                        && !ReservedNames.isOwn(other.getSchema().getName())) {
                    addView(other, ordered);
                }
            }
            ordered.add(view);
        }
    }

    /** H2 remembers comments by the name an object had when it got one; the objects know better. */
    private void addComments(String kind, List<? extends DbObject> objects) {
        for (DbObject object : objects) {
            String comment = object.getComment();
            if (comment != null) {
                after.add("COMMENT ON " + kind + " " + name(object) + " IS " + StringUtils.quoteStringSQL(comment));
            }
        }
    }

    private static String name(DbObject object) {
        return object.getSQL(HasSQL.DEFAULT_SQL_FLAGS);
    }

    private static String text(Expression expression) {
        return expression
                .getUnenclosedSQL(new StringBuilder(), HasSQL.DEFAULT_SQL_FLAGS)
                .toString();
    }
}
