package io.tunabledb.engine.h2;

import static org.h2.command.CommandInterface.*;

import io.tunabledb.engine.h2.SqlTokens.Token;
import java.util.List;
import java.util.Set;
import org.h2.command.Prepared;
import org.h2.engine.SessionLocal;
import org.h2.expression.Expression;
import org.h2.expression.ExpressionVisitor;
import org.h2.message.DbException;
import org.h2.schema.Domain;
import org.h2.schema.Schema;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * Which definitions may be executed. They run with an administrator's rights on every replica, so this is a list of what
 * is allowed, not of what is not; and each must do the same everywhere, so nothing may come from the clock, chance or
 * the session. A rule here gives the same answer on every replica: it looks at the statement, the schema, and whether a
 * table is empty.
 */
final class DefinitionRules {
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

    /** Their values differ from replica to replica with or without parentheses. */
    private static final Set<String> VARYING = Set.of(
            "CURRENT_CATALOG",
            "CURRENT_DATE",
            "CURRENT_PATH",
            "CURRENT_ROLE",
            "CURRENT_SCHEMA",
            "CURRENT_TIME",
            "CURRENT_TIMESTAMP",
            "CURRENT_USER",
            "LOCALTIME",
            "LOCALTIMESTAMP",
            "SESSION_USER",
            "SYSDATE",
            "SYSTEM_USER",
            "SYSTIMESTAMP",
            "USER");

    private static final Set<String> VARYING_FUNCTIONS = Set.of(
            "AUTOCOMMIT",
            "CURDATE",
            "CURRVAL",
            "CURTIME",
            "DATABASE",
            "DATABASE_PATH",
            "GETDATE",
            "IDENTITY",
            "LAST_INSERT_ID",
            "LOCK_MODE",
            "LOCK_TIMEOUT",
            "MEMORY_FREE",
            "MEMORY_USED",
            "NEWID",
            "NEXTVAL",
            "NOW",
            "ORA_HASH",
            "RAND",
            "RANDOM",
            "RANDOM_UUID",
            "SCHEMA",
            "SCOPE_IDENTITY",
            "SECURE_RAND",
            "SESSION_ID",
            "SYS_GUID",
            "TODAY",
            "TRANSACTION_ID",
            "UNIX_TIMESTAMP",
            "UUID");

    private static final Set<String> ESCAPES =
            Set.of("CSVREAD", "CSVWRITE", "FILE_READ", "FILE_WRITE", "LINK_SCHEMA", "CANCEL_SESSION", "ABORT_SESSION");

    private final SessionLocal session;
    private final int type;
    private final String schema;
    private final List<Token> tokens;

    private DefinitionRules(SessionLocal session, int type, Definition definition) {
        this.session = session;
        this.type = type;
        schema = definition.schema();
        tokens = SqlTokens.of(definition.sql());
    }

    /**
     * Those for a definition.
     *
     * @param session its current schema is the definition's
     * @throws DbException the statement is wrong in itself; executing it would say the same
     */
    static DefinitionRules of(SessionLocal session, Definition definition) {
        Prepared prepared = session.prepare(definition.sql());
        return new DefinitionRules(session, prepared.getType(), definition);
    }

    /** What H2 takes the statement for. */
    int type() {
        return type;
    }

    /** Why the definition is refused, or null if it is not. */
    @Nullable
    String refusal() {
        if (!ALLOWED.contains(type)) {
            return "not a definition that can be replicated: " + start() + instead();
        }
        String escape = firstFunction(ESCAPES);
        if (escape != null) {
            return escape + " reaches outside the database; read the file in the application";
        }
        if (schema.equals(Storage.INTERNAL_SCHEMA)
                || tokens.stream().anyMatch(token -> token.text().equals(Storage.INTERNAL_SCHEMA))) {
            return "schema " + Storage.INTERNAL_SCHEMA + " is not for users";
        }
        if (schema.equals(SystemSchema.NAME) || changesSystemSchema()) {
            return "schema " + SystemSchema.NAME + " is the engine's own: select from it, and define elsewhere";
        }
        if (tokens.stream().anyMatch(token -> token.text().startsWith("SYSTEM_SEQUENCE_"))) {
            return "an identity column's sequence has another name on each replica;"
                    + " write ALTER TABLE … ALTER COLUMN … RESTART WITH … instead";
        }
        return switch (type) {
            case CREATE_TABLE -> createTableRefusal();
            case CREATE_VIEW -> has("MATERIALIZED") ? "write a table and fill it with INSERT … SELECT instead" : null;
            case CREATE_CONSTANT, CREATE_SEQUENCE, ALTER_SEQUENCE, ALTER_DOMAIN_ADD_CONSTRAINT ->
                varying("write the value itself instead");
            default -> alterTableRefusal();
        };
    }

    /** A query that fills or is a definition may read the schema; its name anywhere before that would change it. */
    private boolean changesSystemSchema() {
        for (int i = 0; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            if (token.is("AS") && token.depth() == 0) {
                return false;
            }
            if (token.text().equals(SystemSchema.NAME)
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

    private @Nullable String createTableRefusal() {
        boolean body = false;
        for (int i = 0; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            body |= token.is("AS") && token.depth() == 0;
            if (!body && token.depth() == 0 && token.is("LOCAL")) {
                return "a local temporary table belongs to one session and is not replicated";
            }
            if (!body && token.depth() == 0 && token.is("ENGINE")) {
                return "table engines are not supported; leave ENGINE out";
            }
        }
        return body && !endsWith("WITH", "NO", "DATA")
                ? "write CREATE TABLE … AS … WITH NO DATA, then INSERT INTO … SELECT …"
                : null;
    }

    private @Nullable String alterTableRefusal() {
        if (tokens.size() < 3 || !tokens.get(0).is("ALTER") || !tokens.get(1).is("TABLE") || isEmptyTable()) {
            return null;
        }
        return varying("the table has rows, and each replica would fill in another value."
                + " Write ADD COLUMN without it, then UPDATE, then ALTER COLUMN … SET DEFAULT");
    }

    private boolean isEmptyTable() {
        int at = tokens.get(2).is("IF") ? 4 : 2; // ALTER TABLE [IF EXISTS] [schema.]name
        boolean qualified = at + 2 < tokens.size() && tokens.get(at + 1).is(".");
        String in = qualified ? tokens.get(at).text() : schema;
        Schema found = session.getDatabase().findSchema(in);
        Table table = found == null
                ? null
                : found.findTableOrView(
                        session, tokens.get(qualified ? at + 2 : at).text());
        return table == null || !table.canGetRowCount(session) || table.getRowCount(session) == 0;
    }

    private @Nullable String varying(String instead) {
        String found = firstVarying();
        return found == null ? null : found + " is not the same on every replica: " + instead;
    }

    private @Nullable String firstVarying() {
        for (int i = 0; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            if (hasVaryingDefault(token)) {
                return "the default of domain " + token.text();
            }
            boolean beforeValue = i + 1 < tokens.size() && tokens.get(i + 1).is("VALUE");
            boolean sequence = beforeValue && (token.is("NEXT") || token.is("CURRENT"));
            if (sequence || (!token.quoted() && VARYING.contains(token.text()))) {
                return token.text();
            }
        }
        return firstFunction(VARYING_FUNCTIONS);
    }

    /** Whether this is the name of a domain whose default varies. */
    private boolean hasVaryingDefault(Token token) {
        for (Schema each : session.getDatabase().getAllSchemasNoMeta()) {
            Domain domain = each.findDomain(token.text());
            if (domain != null) {
                Expression value = domain.getEffectiveDefaultExpression();
                return value != null && !value.isEverything(ExpressionVisitor.DETERMINISTIC_VISITOR);
            }
        }
        return false;
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
