package io.tunabledb.sql;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Operation;
import io.tunabledb.consistency.Rule;
import io.tunabledb.consistency.Rung;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One parsed statement. H2's own statements are a {@link Sql} with the consistency clause taken out; our extensions are
 * records of their own. Statements are values: parsing what {@link SqlParser#render} gives for a statement gives an
 * equal one.
 */
public sealed interface Statement {

    /** The statement as SQL, in canonical form; for a {@link Sql} without the consistency clause it had. */
    String text();

    /** Where an asked consistency came from. */
    enum Source {
        CLAUSE,
        HINT
    }

    /** A consistency asked by the statement itself. */
    record Asked(Ladder ladder, Source source) {}

    /** How a statement uses a table. */
    enum Use {
        READ,
        WRITE
    }

    /**
     * A table (or view) the statement names, at any depth.
     *
     * @param schema the schema as written, folded to upper case unless quoted; null when not written
     * @param name the name, folded likewise
     */
    record TableUse(@Nullable String schema, String name, Use use) {}

    /** What must be known of an H2 statement beyond its operation. */
    enum Trait {
        /** Reads, but changes state on the way: FINAL TABLE, NEXT VALUE FOR, nextval(). Runs as a write. */
        READ_WITH_EFFECT,
        /** SELECT … FOR UPDATE: takes row locks, so it runs in a transaction at the leader. */
        LOCKS_ROWS,
        /** Depends on H2 session state: IDENTITY(), SCOPE_IDENTITY(), LAST_INSERT_ID(), @variable := …. */
        USES_SESSION_STATE,
        /** Assigns a variable of the session on the way: @x := …, SET(@x, …). */
        ASSIGNS_VARIABLES,
        /** Asks how many rows it has come to so far: ROWNUM. */
        NUMBERS_ROWS,
        /** Calls a function whose value differs from call to call: RAND, RANDOM_UUID, NOW, CURRENT_TIMESTAMP, … */
        NON_DETERMINISTIC,
        /** CREATE of anything. */
        CREATES,
        /** CREATE TABLE … AS query. */
        CREATE_AS_SELECT,
        /** DROP of anything. */
        DROPS,
        /** TRUNCATE: no row effects are seen, so it is logged like DDL. */
        TRUNCATES,
        /** CREATE LOCAL TEMPORARY TABLE. */
        LOCAL_TEMPORARY,
        /** Its parameters have numbers, {@code ?1} or {@code $1}, which count through all statements of a text. */
        NUMBERED_PARAMETERS
    }

    /**
     * A statement for H2.
     *
     * @param text what H2 is given: the original without consistency clause and without trailing semicolon
     * @param operation SELECT for everything that only reads (also VALUES, TABLE, EXPLAIN, CALL, SHOW)
     * @param tables every table named, in order of appearance, without CTE names; DUAL too, since a table may be called so
     * @param parameterCount how many JDBC parameters the statement has
     * @param structure what it tells of the rows it needs
     * @param needs the rights its session's user needs for it
     */
    record Sql(
            String text,
            Operation operation,
            List<TableUse> tables,
            Set<Trait> traits,
            int parameterCount,
            Structure structure,
            List<Need> needs,
            @Nullable Asked asked)
            implements Statement {
        public Sql {
            tables = List.copyOf(tables);
            traits = Set.copyOf(traits);
            needs = List.copyOf(needs);
        }
    }

    /**
     * A right that a statement needs, as H2 has it.
     *
     * @param schema the schema as written; null when not written
     * @param name of the table; empty when the right concerns the schema itself, or no schema
     */
    record Need(@Nullable String schema, String name, Right right) {}

    /**
     * SHARD BY (column), REFERENCE or UNSHARDED.
     *
     * @param key the shard key; null for the others
     * @param isReference whether it is REFERENCE
     */
    record Sharded(@Nullable String key, boolean isReference) {
        /** What a table is that says nothing: all its rows in the first shard. */
        public static final Sharded NOT = new Sharded(null, false);

        /** SHARD BY (key), or REFERENCE when it is null. */
        public Sharded(@Nullable String key) {
            this(key, key == null);
        }
    }

    /**
     * What a table is told beyond its definition: {@code CREATE TABLE … [SHARD BY (column) | REFERENCE] [WITH CONSISTENCY
     * (…)]}, {@code ALTER TABLE t SET CONSISTENCY (…)} and {@code ALTER TABLE t SHARD BY (column) | REFERENCE |
     * UNSHARDED}.
     *
     * @param create the CREATE TABLE for H2, or null for ALTER TABLE
     * @param read the ladder for reads, null to leave it
     * @param write the ladder for writes, null to leave it
     * @param sharded where its rows are to be, null to leave it
     */
    record TableSettings(
            @Nullable Sql create,
            TableUse table,
            @Nullable Ladder read,
            @Nullable Ladder write,
            @Nullable Sharded sharded,
            String text)
            implements Statement {}

    /** BEGIN, COMMIT, ROLLBACK, SAVEPOINT and their kin. */
    record TransactionControl(Verb verb, @Nullable String savepoint, String text) implements Statement {
        /** What is to be done. */
        public enum Verb {
            BEGIN,
            COMMIT,
            ROLLBACK,
            SAVEPOINT,
            ROLLBACK_TO_SAVEPOINT,
            RELEASE_SAVEPOINT,
            AUTOCOMMIT_ON,
            AUTOCOMMIT_OFF
        }

        /** Sets a savepoint of that name, exact case. */
        public static TransactionControl savepoint(String name) {
            return new TransactionControl(Verb.SAVEPOINT, name, "SAVEPOINT " + Names.quoted(name));
        }

        /** Rolls back to the savepoint of that name. */
        public static TransactionControl rollbackTo(String name) {
            return new TransactionControl(
                    Verb.ROLLBACK_TO_SAVEPOINT, name, "ROLLBACK TO SAVEPOINT " + Names.quoted(name));
        }

        /** Forgets the savepoint of that name. */
        public static TransactionControl release(String name) {
            return new TransactionControl(Verb.RELEASE_SAVEPOINT, name, "RELEASE SAVEPOINT " + Names.quoted(name));
        }
    }

    /**
     * A SET that concerns this session only and is handed to H2 on every connection the session uses: SET SCHEMA, SET
     * LOCK_TIMEOUT, SET @x, SET TIME ZONE, SET SCHEMA_SEARCH_PATH, SET SESSION CHARACTERISTICS ….
     *
     * @param name the setting's name in upper case, for example SCHEMA or @X; the last SET of a name wins
     * @param expression what a variable is set to; null for a literal, and for all but variables
     */
    record SessionSetting(
            String name, String text, @Nullable Expression expression) implements Statement {
        /**
         * What a variable is set to, which may be another value each time it is evaluated.
         *
         * @param variable its name, exact case
         */
        public record Expression(String variable, String text) {
            /** The query whose only row has its value. */
            public Sql query() {
                return (Sql) SqlParser.parse("SELECT (" + text + ")").get(0);
            }

            /** The SET of a value that was found for it, as a literal. */
            public SessionSetting to(String literal) {
                return new SessionSetting("@" + variable, "SET @" + Names.exact(variable) + " = " + literal);
            }
        }

        public SessionSetting(String name, String text) {
            this(name, text, null);
        }

        /** Makes that schema, exact case, the current one. */
        public static SessionSetting schema(String schema) {
            return new SessionSetting("SCHEMA", "SET SCHEMA " + Names.exact(schema));
        }
    }

    /** {@code SET CONSISTENCY [FOR READ | FOR WRITE] = rung…}; a null scope means both. */
    record SetConsistency(@Nullable Scope scope, Ladder ladder, String text) implements Statement {
        /** READ or WRITE. */
        public enum Scope {
            READ,
            WRITE
        }
    }

    /** {@code SET CONSISTENCY DEFAULT}: back to what the URL says. */
    record ResetConsistency(String text) implements Statement {}

    /** {@code SET TRANSACTION CONSISTENCY rung}: until the transaction ends. */
    record SetTransactionConsistency(Rung rung, String text) implements Statement {}

    /** {@code SET CONSISTENCY TOKEN '…'}. */
    record SetToken(String token, String text) implements Statement {}

    /** {@code SHOW CONSISTENCY [LOAD | OUTBOX | RECEIPT | RULES | TOKEN]}. */
    record ShowConsistency(What what, String text) implements Statement {
        /** What is shown. */
        public enum What {
            DEFAULTS,
            LOAD,
            OUTBOX,
            RECEIPT,
            RULES,
            TOKEN
        }
    }

    /**
     * {@code RETRY REJECTED WRITE id|ALL} and {@code DISMISS REJECTED WRITE id|ALL}.
     *
     * @param id which; null for all
     */
    record RejectedWrite(Action action, @Nullable Long id, String text) implements Statement {
        /** What is to be done with it. */
        public enum Action {
            RETRY,
            DISMISS
        }
    }

    /**
     * {@code CREATE [OR REPLACE] CONSISTENCY RULE}.
     *
     * @param rule the rule as written
     * @param replaces whether it takes the place of a rule of its name
     * @param before the rule it is to stand before; null to stay where the replaced one is, else last
     */
    record CreateRule(Rule rule, boolean replaces, @Nullable String before, String text) implements Statement {}

    /** {@code DROP CONSISTENCY RULE [IF EXISTS] name}. */
    record DropRule(String name, boolean ifExists, String text) implements Statement {}

    /** {@code EXPLAIN CONSISTENCY statement}. */
    record ExplainConsistency(Statement statement, String text) implements Statement {}

    /** {@code CHECK REPLICAS [table]}. */
    record CheckReplicas(@Nullable TableUse table, String text) implements Statement {}

    // ---- users and rights ----

    /**
     * A statement about users and rights. Its text does not show the password it has, so that parsing the text gives
     * another statement.
     */
    sealed interface OfUsers extends Statement {}

    /**
     * {@code CREATE USER [IF NOT EXISTS] name PASSWORD '…' [ADMIN] [TYPE '…']}.
     *
     * @param name upper case, as H2 has users
     * @param userType what consistency rules see; empty for none
     */
    record CreateUser(String name, boolean ifNotExists, Secret password, boolean isAdmin, String userType, String text)
            implements OfUsers {}

    /**
     * {@code ALTER USER name SET PASSWORD '…' | SET TYPE '…' | ADMIN TRUE | ADMIN FALSE | RENAME TO other}, and
     * {@code SET PASSWORD '…'}: what is null stays.
     *
     * @param name null for the session's own user
     */
    record AlterUser(
            @Nullable String name,
            @Nullable Secret password,
            @Nullable String userType,
            @Nullable Boolean isAdmin,
            @Nullable String newName,
            String text)
            implements OfUsers {}

    /** {@code DROP USER [IF EXISTS] name}. */
    record DropUser(String name, boolean ifExists, String text) implements OfUsers {}

    /** {@code CREATE ROLE [IF NOT EXISTS] name}. */
    record CreateRole(String name, boolean ifNotExists, String text) implements OfUsers {}

    /** {@code DROP ROLE [IF EXISTS] name}. */
    record DropRole(String name, boolean ifExists, String text) implements OfUsers {}

    /**
     * {@code GRANT SELECT | INSERT | UPDATE | DELETE | ALL ON [SCHEMA] … TO name}, {@code GRANT ALTER ANY SCHEMA TO name},
     * {@code GRANT role TO name}, and REVOKE … FROM.
     *
     * @param isGrant false for REVOKE
     * @param rights none when it is about roles
     * @param roles none when it is about rights
     * @param schema the schema all of whose tables it is about; null when it is about tables
     * @param grantee a user, a role or PUBLIC
     */
    record Grant(
            boolean isGrant,
            Set<Right> rights,
            List<String> roles,
            @Nullable String schema,
            List<TableUse> tables,
            String grantee,
            String text)
            implements OfUsers {
        public Grant {
            rights = Set.copyOf(rights);
            roles = List.copyOf(roles);
            tables = List.copyOf(tables);
        }
    }

    /**
     * A statement that would escape replication or the sandbox (DESIGN section 5.9).
     *
     * @param what the statement's name, for example CREATE ALIAS
     * @param instead what to do instead
     */
    record Refused(String what, String instead, String text) implements Statement {}
}
