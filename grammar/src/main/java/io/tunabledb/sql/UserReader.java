package io.tunabledb.sql;

import io.tunabledb.sql.Statement.TableUse;
import io.tunabledb.sql.Statement.Use;
import io.tunabledb.sql.parser.ParseError;
import io.tunabledb.sql.parser.TunableSqlLexer;
import io.tunabledb.sql.parser.TunableSqlParser.*;
import io.tunabledb.sql.parser.Words;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.antlr.v4.runtime.Token;
import org.jspecify.annotations.Nullable;

/** Reads H2's statements about users, roles and rights. No message of it shows a literal, which may be a password. */
final class UserReader {
    /** H2's for names, in characters. */
    private static final int LONGEST_NAME = 256;

    private static final Set<Right> GRANTED_ON_TABLES =
            EnumSet.of(Right.SELECT, Right.INSERT, Right.UPDATE, Right.DELETE);

    private final List<? extends Token> words;
    private int at;

    private UserReader(List<? extends Token> words) {
        this.words = words;
    }

    /** The statement, or null when the tree is of another kind. */
    static @Nullable Statement statement(H2StatementContext tree, List<? extends Token> words) {
        if (tree instanceof CreateContext create && create.createObject() instanceof CreateRefusedContext object) {
            return of(object.what, words, UserReader::createUser, UserReader::createRole);
        }
        if (tree instanceof AlterContext alter && alter.alterObject() instanceof AlterRefusedContext object) {
            return of(object.what, words, UserReader::alterUser, null);
        }
        if (tree instanceof DropContext drop && drop.dropObject() instanceof DropRefusedContext object) {
            return of(object.what, words, UserReader::dropUser, UserReader::dropRole);
        }
        return null;
    }

    private interface Reading {
        Statement of(UserReader reader);
    }

    private static @Nullable Statement of(
            Token what, List<? extends Token> words, Reading ofUser, @Nullable Reading ofRole) {
        Reading reading = switch (what.getType()) {
            case TunableSqlLexer.USER -> ofUser;
            case TunableSqlLexer.ROLE -> ofRole;
            default -> null;
        };
        if (reading == null) {
            return null;
        }
        UserReader reader = new UserReader(words);
        reader.next();
        reader.take(what.getText().toUpperCase(Locale.ROOT));
        return reader.whole(reading);
    }

    private Statement whole(Reading reading) {
        Statement statement = reading.of(this);
        if (at < words.size()) {
            throw expected("the end of the statement");
        }
        return statement;
    }

    // ---- users ----

    private Statement createUser() {
        boolean ifNotExists = takeIf("IF");
        if (ifNotExists) {
            take("NOT");
            take("EXISTS");
        }
        String name = name("a user's name");
        Secret password = password();
        boolean isAdmin = takeIf("ADMIN");
        String userType = takeIf("TYPE") ? literal("a user type in quotes") : "";
        isAdmin |= takeIf("ADMIN");
        return new Statement.CreateUser(
                name,
                ifNotExists,
                password,
                isAdmin,
                userType,
                "CREATE USER " + (ifNotExists ? "IF NOT EXISTS " : "") + Names.quoted(name) + " PASSWORD '***'"
                        + (isAdmin ? " ADMIN" : "") + (userType.isEmpty() ? "" : " TYPE " + quoted(userType)));
    }

    private Secret password() {
        if (takeIf("SALT") || takeIf("HASH")) {
            at--;
            throw new ParseError(
                    words.get(at).getStartIndex(),
                    "passwords are kept as SCRAM-SHA-256 verifiers, which storage's own hashes are not; write PASSWORD"
                            + " '…'");
        }
        take("PASSWORD");
        return new Secret(literal("a password in quotes"));
    }

    private Statement alterUser() {
        String name = name("a user's name");
        String text = "ALTER USER " + Names.quoted(name);
        if (takeIf("SET")) {
            if (takeIf("TYPE")) {
                String userType = literal("a user type in quotes");
                return new Statement.AlterUser(
                        name, null, userType, null, null, text + " SET TYPE " + quoted(userType));
            }
            return new Statement.AlterUser(name, password(), null, null, null, text + " SET PASSWORD '***'");
        }
        if (takeIf("RENAME")) {
            take("TO");
            String newName = name("a user's name");
            return new Statement.AlterUser(
                    name, null, null, null, newName, text + " RENAME TO " + Names.quoted(newName));
        }
        if (takeIf("ADMIN")) {
            boolean isAdmin = takeIf("TRUE");
            if (!isAdmin) {
                take("FALSE");
            }
            return new Statement.AlterUser(
                    name, null, null, isAdmin, null, text + " ADMIN " + (isAdmin ? "TRUE" : "FALSE"));
        }
        throw expected("SET PASSWORD, SET TYPE, RENAME TO or ADMIN");
    }

    /** {@code SET PASSWORD '…'}; the first of the tokens is PASSWORD. */
    static Statement ownPassword(List<? extends Token> words) {
        return new UserReader(words)
                .whole(reader ->
                        new Statement.AlterUser(null, reader.password(), null, null, null, "SET PASSWORD '***'"));
    }

    private Statement dropUser() {
        boolean ifExists = ifExists();
        String name = name("a user's name");
        return new Statement.DropUser(
                name, ifExists, "DROP USER " + (ifExists ? "IF EXISTS " : "") + Names.quoted(name));
    }

    // ---- roles ----

    private Statement createRole() {
        boolean ifNotExists = takeIf("IF");
        if (ifNotExists) {
            take("NOT");
            take("EXISTS");
        }
        String name = name("a role's name");
        return new Statement.CreateRole(
                name, ifNotExists, "CREATE ROLE " + (ifNotExists ? "IF NOT EXISTS " : "") + Names.quoted(name));
    }

    private Statement dropRole() {
        boolean ifExists = ifExists();
        String name = name("a role's name");
        return new Statement.DropRole(
                name, ifExists, "DROP ROLE " + (ifExists ? "IF EXISTS " : "") + Names.quoted(name));
    }

    private boolean ifExists() {
        boolean ifExists = takeIf("IF");
        if (ifExists) {
            take("EXISTS");
        }
        return ifExists;
    }

    // ---- rights ----

    /** GRANT and REVOKE, which the first of the tokens is. */
    static Statement grant(List<? extends Token> words) {
        return new UserReader(words).whole(UserReader::grant);
    }

    private Statement grant() {
        boolean isGrant = takeIf("GRANT");
        if (!isGrant) {
            take("REVOKE");
        }
        Set<Right> rights = EnumSet.noneOf(Right.class);
        List<String> roles = new ArrayList<>();
        what(rights, roles);
        String schema = null;
        List<TableUse> tables = new ArrayList<>();
        if (GRANTED_ON_TABLES.containsAll(rights) && !rights.isEmpty()) {
            take("ON");
            if (takeIf("SCHEMA")) {
                schema = folded("a schema's name");
            } else {
                takeIf("TABLE");
                do {
                    tables.add(table());
                } while (takeIf(","));
            }
        }
        take(isGrant ? "TO" : "FROM");
        String grantee = name("the name of a user or a role, or PUBLIC");
        return new Statement.Grant(
                isGrant, rights, roles, schema, tables, grantee, text(isGrant, rights, roles, schema, tables, grantee));
    }

    private void what(Set<Right> rights, List<String> roles) {
        if (takeIf("ALL")) {
            takeIf("PRIVILEGES");
            rights.addAll(GRANTED_ON_TABLES);
            return;
        }
        if (takeIf("ALTER")) {
            take("ANY");
            take("SCHEMA");
            rights.add(Right.ALTER_ANY_SCHEMA);
            return;
        }
        do {
            Right right = right();
            if (right != null) {
                rights.add(right);
            } else {
                roles.add(name("SELECT, INSERT, UPDATE, DELETE, ALL, ALTER ANY SCHEMA or the name of a role"));
            }
            if (!rights.isEmpty() && !roles.isEmpty()) {
                throw new ParseError(
                        words.get(at - 1).getStartIndex(),
                        "roles and rights can't stand in one statement; make it two");
            }
        } while (takeIf(","));
    }

    private @Nullable Right right() {
        for (Right right : GRANTED_ON_TABLES) {
            if (takeIf(right.sql())) {
                return right;
            }
        }
        return null;
    }

    private TableUse table() {
        String schema = null;
        String name = folded("a table's name");
        while (takeIf(".")) {
            schema = name;
            name = folded("a table's name");
        }
        return new TableUse(schema, name, Use.READ);
    }

    private static String text(
            boolean isGrant,
            Set<Right> rights,
            List<String> roles,
            @Nullable String schema,
            List<TableUse> tables,
            String grantee) {
        StringBuilder text = new StringBuilder(isGrant ? "GRANT " : "REVOKE ");
        text.append(
                rights.isEmpty()
                        ? roles.stream().map(Names::quoted).collect(Collectors.joining(", "))
                        : rights.equals(GRANTED_ON_TABLES)
                                ? "ALL"
                                : rights.stream().map(Right::sql).collect(Collectors.joining(", ")));
        if (schema != null) {
            text.append(" ON SCHEMA ").append(Names.quoted(schema));
        } else if (!tables.isEmpty()) {
            text.append(" ON ").append(tables.stream().map(Names::text).collect(Collectors.joining(", ")));
        }
        return text.append(isGrant ? " TO " : " FROM ")
                .append(Names.quoted(grantee))
                .toString();
    }

    // ---- tokens ----

    private void next() {
        at++;
    }

    private boolean takeIf(String word) {
        boolean is = at < words.size() && words.get(at).getText().equalsIgnoreCase(word);
        if (is) {
            at++;
        }
        return is;
    }

    private void take(String word) {
        if (!takeIf(word)) {
            throw expected(word);
        }
    }

    /** Of a user or a role: H2 knows them in upper case, whatever quotes they are in. */
    private String name(String what) {
        Token token = at < words.size() ? words.get(at) : null;
        String name = folded(what).toUpperCase(Locale.ROOT);
        if (token != null
                && (name.isBlank()
                        || name.length() > LONGEST_NAME
                        || name.chars().anyMatch(Character::isISOControl))) {
            throw new ParseError(
                    token.getStartIndex(),
                    what + " has 1 to " + LONGEST_NAME + " characters that can be seen, found " + name.length());
        }
        return name;
    }

    private String folded(String what) {
        if (at >= words.size() || !isName(words.get(at))) {
            throw expected(what);
        }
        return Names.folded(words.get(at++));
    }

    private static boolean isName(Token token) {
        return switch (token.getType()) {
            case TunableSqlLexer.QUOTED, TunableSqlLexer.BACKTICKED -> true;
            default -> Words.isWord(token.getType());
        };
    }

    private String literal(String what) {
        if (at >= words.size() || words.get(at).getType() != TunableSqlLexer.STRING) {
            throw expected(what);
        }
        return Names.literal(words.get(at++));
    }

    private static String quoted(String literal) {
        return "'" + literal.replace("'", "''") + "'";
    }

    /** What stands after a literal may be the rest of a password with a quote in it, and after PASSWORD one without quotes. */
    private ParseError expected(String what) {
        boolean isAfterPassword = words.subList(0, Math.min(at, words.size())).stream()
                .anyMatch(word -> word.getType() == TunableSqlLexer.STRING
                        || word.getText().equalsIgnoreCase("PASSWORD"));
        if (at >= words.size()) {
            Token last = words.get(words.size() - 1);
            return new ParseError(last.getStopIndex() + 1, "found the end of the statement, expected " + what);
        }
        Token found = words.get(at);
        boolean isSecret = isAfterPassword || !isName(found);
        return new ParseError(
                found.getStartIndex(),
                "found " + (isSecret ? "something else" : Words.quoted(found)) + ", expected " + what);
    }
}
