package io.tunabledb.sql;

import io.tunabledb.sql.parser.TunableSqlLexer;
import io.tunabledb.sql.parser.TunableSqlParser.*;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.tree.ParseTree;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.jspecify.annotations.Nullable;

/** Which statements are refused because they would escape replication or the sandbox (DESIGN section 5.9). */
final class Refusals {
    private static final String VERIFIER =
            "passwords are kept as SCRAM-SHA-256 verifiers, which storage's own hashes are"
                    + " not; give the password itself: SET PASSWORD '…'";
    private static final String USER_CODE = "write it in SQL, or in the application: code inside one replica's database"
            + " would run once per replica, and differently";
    private static final String OUTSIDE = "replicas don't see files and other databases: read or write them in the"
            + " application and send the rows through this connection";
    private static final String TWO_PHASE = "two-phase commit is the engine's own; use COMMIT and ROLLBACK";
    private static final String PREPARED = "use a prepared statement of the driver (Connection.prepareStatement)";

    private static final Map<String, String> INSTEAD = Map.ofEntries(
            Map.entry("CREATE ALIAS", USER_CODE),
            Map.entry("CREATE AGGREGATE", USER_CODE),
            Map.entry("CREATE TRIGGER", USER_CODE),
            Map.entry("DROP ALIAS", "there are none, because CREATE ALIAS is refused"),
            Map.entry("DROP AGGREGATE", "there are none, because CREATE AGGREGATE is refused"),
            Map.entry("DROP TRIGGER", "the only triggers are the engine's own"),
            Map.entry("CREATE LINKED TABLE", OUTSIDE),
            Map.entry(
                    "CREATE TABLE … ENGINE",
                    "leave ENGINE out: tables live in memory and are made durable by replication"),
            Map.entry("ALTER ROLE", "a role is nothing but its name and its rights; GRANT, REVOKE or DROP ROLE"),
            Map.entry("SET SALT", VERIFIER),
            Map.entry("DROP ALL OBJECTS", "drop the schemas (DROP SCHEMA … CASCADE) or tables you mean"),
            Map.entry("RUNSCRIPT", "read the script in the application and run its statements"),
            Map.entry("SCRIPT", "SELECT what you need; for a copy of the whole, back up the database's directory"),
            Map.entry(
                    "BACKUP",
                    "replicas write snapshots by themselves; copy the database's directory while it is closed"),
            Map.entry("SHUTDOWN", "close the connections; the last one stops the database"),
            Map.entry("CHECKPOINT", "not needed: what is acknowledged is durable"),
            Map.entry("PREPARE COMMIT", TWO_PHASE),
            Map.entry("COMMIT TRANSACTION name", TWO_PHASE),
            Map.entry("ROLLBACK TRANSACTION name", TWO_PHASE),
            Map.entry("PREPARE", PREPARED),
            Map.entry("EXECUTE", PREPARED),
            Map.entry("EXEC", PREPARED),
            Map.entry("DEALLOCATE", PREPARED),
            Map.entry("EXECUTE IMMEDIATE", "send the statement itself, so that it can be routed and replicated"),
            Map.entry("CSVREAD", OUTSIDE),
            Map.entry("CSVWRITE", OUTSIDE),
            Map.entry("FILE_READ", OUTSIDE),
            Map.entry("FILE_WRITE", OUTSIDE),
            Map.entry("LINK_SCHEMA", OUTSIDE));

    private Refusals() {}

    /** The name under which a statement of H2 is refused for what it is, whatever it contains; null when it isn't. */
    static @Nullable String of(H2StatementContext tree) {
        if (tree instanceof CreateContext create) {
            boolean linked = create.createWord().stream().anyMatch(word -> word.LINKED() != null);
            return linked ? "CREATE LINKED TABLE" : created(create.createObject());
        }
        if (tree instanceof AlterContext alter && alter.alterObject() instanceof AlterRefusedContext refused) {
            return "ALTER " + word(refused.what);
        }
        if (tree instanceof DropContext drop) {
            if (drop.dropObject() instanceof DropRefusedContext refused) {
                return refused.what.getType() == TunableSqlLexer.ALL
                        ? "DROP ALL OBJECTS"
                        : "DROP " + word(refused.what);
            }
            return null;
        }
        return null;
    }

    /** {@code ENGINE "a.class.of.java"}. The engines of MySQL, which are words, storage knows and ignores, or refuses. */
    private static boolean hasEngineOfJava(@Nullable List<ParseTree> definition) {
        for (int i = 0; definition != null && i + 1 < definition.size(); i++) {
            if (definition.get(i) instanceof TableOptionContext option
                    && option.ENGINE() != null
                    && definition.get(i + 1) instanceof TerminalNode next
                    && next.getSymbol().getType() == TunableSqlLexer.QUOTED) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable String created(CreateObjectContext object) {
        if (object instanceof CreateRefusedContext refused) {
            return "CREATE " + word(refused.what);
        }
        if (object instanceof CreateTableContext table) {
            return hasEngineOfJava(table.definition().children) ? "CREATE TABLE … ENGINE" : null;
        }
        return null;
    }

    private static String word(Token token) {
        return token.getText().toUpperCase(Locale.ROOT);
    }

    /** The refusal of the statement called that. */
    static Statement.Refused refused(String what, String text) {
        String instead = INSTEAD.get(what);
        if (instead == null) {
            throw new IllegalStateException("no advice for " + what);
        }
        return new Statement.Refused(what, instead, text);
    }

    /** The refusal of a SET that would change one replica's database. */
    static Statement.Refused databaseWide(String setting, String text) {
        String instead = setting.equals("REFERENTIAL_INTEGRITY")
                ? "foreign keys are always checked; delete and insert in their order, or ALTER TABLE … DROP CONSTRAINT and"
                        + " ADD CONSTRAINT … NOCHECK"
                : "it concerns the whole database on one replica only; the driver's URL properties configure the engine";
        return new Statement.Refused("SET " + setting, instead, text);
    }

    /** Whether a call of that function is refused wherever it stands. */
    static boolean isRefusedFunction(String name) {
        return switch (name) {
            case "CSVREAD", "CSVWRITE", "FILE_READ", "FILE_WRITE", "LINK_SCHEMA" -> true;
            default -> false;
        };
    }
}
