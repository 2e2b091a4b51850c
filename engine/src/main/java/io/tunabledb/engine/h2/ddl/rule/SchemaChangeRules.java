package io.tunabledb.engine.h2.ddl.rule;

import static org.h2.command.CommandInterface.*;

import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.internals.H2Tree;
import io.tunabledb.engine.h2.sql.ReservedNames;
import io.tunabledb.engine.h2.sql.SqlTokens;
import io.tunabledb.engine.h2.sql.SqlTokens.Token;
import java.util.List;
import java.util.Set;
import org.h2.command.Prepared;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.mvstore.db.MVTable;
import org.h2.schema.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Which definitions may be executed. They run with an administrator's rights on every replica, so this is a list of what
 * is allowed, not of what is not; and each must do the same everywhere ({@link DefinitionValues}). A rule here gives the
 * same answer on every replica: it looks at the statement, the schema, and whether a table is empty.
 */
public final class SchemaChangeRules {
    private static final Set<Integer> ALLOWED = Set.of(
            ALTER_DOMAIN_ADD_CONSTRAINT,
            ALTER_DOMAIN_DEFAULT,
            ALTER_DOMAIN_DROP_CONSTRAINT,
            ALTER_DOMAIN_ON_UPDATE,
            ALTER_DOMAIN_RENAME,
            ALTER_DOMAIN_RENAME_CONSTRAINT,
            ALTER_INDEX_RENAME,
            ALTER_SCHEMA_RENAME,
            ALTER_SEQUENCE,
            ALTER_TABLE_ADD_COLUMN,
            ALTER_TABLE_ADD_CONSTRAINT_CHECK,
            ALTER_TABLE_ADD_CONSTRAINT_PRIMARY_KEY,
            ALTER_TABLE_ADD_CONSTRAINT_REFERENTIAL,
            ALTER_TABLE_ADD_CONSTRAINT_UNIQUE,
            ALTER_TABLE_ALTER_COLUMN_CHANGE_TYPE,
            ALTER_TABLE_ALTER_COLUMN_DEFAULT,
            ALTER_TABLE_ALTER_COLUMN_DEFAULT_ON_NULL,
            ALTER_TABLE_ALTER_COLUMN_DROP_EXPRESSION,
            ALTER_TABLE_ALTER_COLUMN_DROP_IDENTITY,
            ALTER_TABLE_ALTER_COLUMN_DROP_NOT_NULL,
            ALTER_TABLE_ALTER_COLUMN_NOT_NULL,
            ALTER_TABLE_ALTER_COLUMN_ON_UPDATE,
            ALTER_TABLE_ALTER_COLUMN_RENAME,
            ALTER_TABLE_ALTER_COLUMN_SELECTIVITY,
            ANALYZE,
            ALTER_TABLE_ALTER_COLUMN_VISIBILITY,
            ALTER_TABLE_DROP_COLUMN,
            ALTER_TABLE_DROP_CONSTRAINT,
            ALTER_TABLE_RENAME,
            ALTER_TABLE_RENAME_CONSTRAINT,
            ALTER_VIEW,
            COMMENT,
            CREATE_CONSTANT,
            CREATE_DOMAIN,
            CREATE_INDEX,
            CREATE_SCHEMA,
            CREATE_SEQUENCE,
            CREATE_SYNONYM,
            CREATE_TABLE,
            CREATE_VIEW,
            DROP_CONSTANT,
            DROP_DOMAIN,
            DROP_INDEX,
            DROP_SCHEMA,
            DROP_SEQUENCE,
            DROP_SYNONYM,
            DROP_TABLE,
            DROP_VIEW,
            NO_OPERATION, // what IF EXISTS makes of a statement about something that is not there
            TRUNCATE_TABLE);

    private static final Set<String> ESCAPES =
            Set.of("CSVREAD", "CSVWRITE", "FILE_READ", "FILE_WRITE", "LINK_SCHEMA", "CANCEL_SESSION", "ABORT_SESSION");

    private final DefinitionValues values;
    private final SessionLocal session;
    private final Prepared prepared;
    private final int type;
    private final String schema;
    private final boolean ignoresEngines;
    private final List<Token> tokens;
    private final String sql;

    private SchemaChangeRules(SessionLocal session, Prepared prepared, SchemaChange definition) {
        ignoresEngines = session.getDatabase().getMode().mySqlTableOptions;
        values = new DefinitionValues(session, prepared);
        this.session = session;
        this.prepared = prepared;
        type = prepared.getType();
        schema = definition.schema();
        sql = definition.sql();
        tokens = SqlTokens.of(sql);
    }

    /**
     * Those for a definition.
     *
     * @param session its current schema is the definition's
     * @throws DbException the statement is wrong in itself; executing it would say the same
     */
    public static SchemaChangeRules of(SessionLocal session, SchemaChange definition) {
        return new SchemaChangeRules(session, session.prepare(definition.sql()), definition);
    }

    /**
     * Why a definition can't even be compiled alike on every replica, or null. Compiling works out a CAST of a constant, and
     * with it the checks of the domain it is cast to.
     */
    public static @Nullable String refusalToCompile(SessionLocal session, SchemaChange definition) {
        List<Token> tokens = SqlTokens.of(definition.sql());
        for (int i = 1; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            // CAST(value AS domain), or value::domain
            boolean isCast = (tokens.get(i - 1).is("AS") && token.depth() > 0)
                    || tokens.get(i - 1).is(":");
            String varying = isCast ? varyingCheck(session, tokens, i) : null;
            if (varying != null) {
                return varying
                        + " is not the same on every replica, and each would check the value that is cast to domain "
                        + token.text() + ": write the value without the cast";
            }
        }
        return null;
    }

    /** Of the domain that may be named there, with or without its schema. */
    private static @Nullable String varyingCheck(SessionLocal session, List<Token> tokens, int at) {
        for (int i = at; i < Math.min(at + 3, tokens.size()); i += 2) {
            for (Schema schema : session.getDatabase().getAllSchemasNoMeta()) {
                String varying = Varying.in(schema.findDomain(tokens.get(i).text()));
                if (varying != null) {
                    return varying;
                }
            }
        }
        return null;
    }

    /** What H2 takes the statement for. */
    public int type() {
        return type;
    }

    /** Why the definition is refused, or null if it is not. */
    @Nullable
    public String refusal() {
        if (!ALLOWED.contains(type)) {
            return "not a definition that can be replicated: " + start() + instead();
        }
        String escape = firstFunction(ESCAPES);
        if (escape != null) {
            return escape + " reaches outside the database; read the file in the application";
        }
        if (schema.equals(ReservedNames.INTERNAL_SCHEMA)
                || tokens.stream().anyMatch(token -> token.text().equals(ReservedNames.INTERNAL_SCHEMA))) {
            return "schema " + ReservedNames.INTERNAL_SCHEMA + " is not for users";
        }
        if (schema.equals(ReservedNames.SYSTEM_SCHEMA) || changesSystemSchema()) {
            return "schema " + ReservedNames.SYSTEM_SCHEMA
                    + " is the engine's own: select from it, and define elsewhere";
        }
        if (tokens.stream().anyMatch(token -> token.text().startsWith("SYSTEM_SEQUENCE_"))) {
            return "an identity column's sequence has another name on each replica;"
                    + " write ALTER TABLE … ALTER COLUMN … RESTART WITH … instead";
        }
        String computed = ReadTexts.refusal(sql, tokens);
        if (computed != null) {
            return computed;
        }
        String form = switch (type) {
            case CREATE_TABLE -> createTableRefusal();
            case CREATE_SCHEMA -> schemaRefusal(H2Tree.NEW_SCHEMA.of(prepared, String.class), null);
            case ALTER_SCHEMA_RENAME ->
                schemaRefusal(
                        H2Tree.RENAMED_SCHEMA.of(prepared, String.class), H2Tree.OLD_SCHEMA.of(prepared, Schema.class));
            case CREATE_VIEW -> has("MATERIALIZED") ? "write a table and fill it with INSERT … SELECT instead" : null;
            default -> null;
        };
        return form == null ? values.refusal() : form;
    }

    /** The tables whose rows tell what the definition computes. After {@link #refusal}. */
    public Set<MVTable> reads() {
        return values.reads();
    }

    /** A query that fills or is a definition may read the schema; its name anywhere before that would change it. */
    private boolean changesSystemSchema() {
        for (int i = 0; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            if (token.is("AS") && token.depth() == 0) {
                return false;
            }
            if (token.text().equals(ReservedNames.SYSTEM_SCHEMA)
                    && ((i > 0 && names(tokens.get(i - 1)))
                            || (i + 1 < tokens.size() && tokens.get(i + 1).is(".")))) {
                return true;
            }
        }
        return false;
    }

    /** Whether what follows is a schema's name: SCHEMA n, SCHEMA IF [NOT] EXISTS n, RENAME TO n. */
    private static boolean names(Token before) {
        return before.is("SCHEMA") || before.is("EXISTS") || before.is("TO");
    }

    private String instead() {
        return switch (type) {
            case CREATE_MATERIALIZED_VIEW, DROP_MATERIALIZED_VIEW ->
                "; CREATE VIEW reads the rows as they are, CREATE TABLE … AS query keeps them as they were";
            case ALTER_TABLE_SET_REFERENTIAL_INTEGRITY ->
                "; foreign keys are always checked: delete and insert in their order, or ALTER TABLE … DROP CONSTRAINT and"
                        + " ADD CONSTRAINT … NOCHECK";
            case ALTER_TYPE ->
                "; CREATE DOMAIN with all of its values, and ALTER TABLE … ALTER COLUMN … SET DATA TYPE of that domain, change"
                        + " the tables that have it";
            default -> "";
        };
    }

    private String start() {
        StringBuilder start = new StringBuilder();
        for (int i = 0; i < Math.min(3, tokens.size()); i++) {
            start.append(i == 0 ? "" : " ").append(tokens.get(i).text());
        }
        return start.toString();
    }

    /** SCHEMA.NAME must name one thing, whatever dots are in either. */
    private @Nullable String schemaRefusal(@Nullable String name, @Nullable Schema renamed) {
        for (Schema other : session.getDatabase().getAllSchemas()) {
            String one = other.getName();
            if (name != null && !other.equals(renamed) && (name.startsWith(one + ".") || one.startsWith(name + "."))) {
                return "schemas " + name + " and " + one + " can't be in one database, since names of tables in them"
                        + " would be alike when they are written with a dot; choose a name that doesn't begin with the"
                        + " other one and a dot";
            }
        }
        return null;
    }

    private @Nullable String createTableRefusal() {
        boolean body = false;
        for (int i = 0; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            body |= token.is("AS") && token.depth() == 0;
            if (!body && token.depth() == 0 && token.is("LOCAL")) {
                return "a local temporary table belongs to one session and is not replicated";
            }
            // MySQL's engines are read and ignored in its mode
            if (!body && token.depth() == 0 && token.is("ENGINE") && !ignoresEngines) {
                return "table engines are not supported; leave ENGINE out";
            }
        }
        return body && !endsWith("WITH", "NO", "DATA")
                ? "write CREATE TABLE … AS … WITH NO DATA, then INSERT INTO … SELECT …"
                : null;
    }

    private @Nullable String firstFunction(Set<String> names) {
        for (int i = 0; i + 1 < tokens.size(); i++) {
            Token token = tokens.get(i);
            // a quoted name may call a function too
            if (names.contains(token.text()) && tokens.get(i + 1).is("(")) {
                return token.text();
            }
        }
        return null;
    }

    private boolean has(String keyword) {
        return tokens.stream().anyMatch(token -> token.is(keyword));
    }

    private boolean endsWith(String... words) {
        int end = tokens.size();
        while (end > 0 && tokens.get(end - 1).is(";")) {
            end--;
        }
        int from = end - words.length;
        for (int i = 0; i < words.length; i++) {
            if (from < 0 || !tokens.get(from + i).is(words[i])) {
                return false;
            }
        }
        return true;
    }
}
