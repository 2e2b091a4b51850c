package io.tunabledb.sql;

import io.tunabledb.sql.parser.Lexed;
import io.tunabledb.sql.parser.TunableSqlLexer;
import java.util.List;
import java.util.Locale;
import org.antlr.v4.runtime.Token;
import org.jspecify.annotations.Nullable;

/**
 * {@code CREATE SCHEMA [IF NOT EXISTS] name [AUTHORIZATION owner]}: storage is given it without the owner, whom the catalog
 * knows and storage does not.
 *
 * @param schema its name, folded
 * @param owner who is to have it, upper case; null when it does not say
 * @param text the definition without him
 */
public record CreatedSchema(String schema, @Nullable String owner, String text) {
    private static final String AUTHORIZATION = "AUTHORIZATION";

    /** The parts of the statement; null when it is of another kind. */
    public static @Nullable CreatedSchema of(Statement.Sql statement) {
        if (!statement.traits().contains(Statement.Trait.CREATES)) {
            return null;
        }
        String text = statement.text();
        List<? extends Token> tokens = Lexed.of(text).tokens();
        int at = 0;
        if (!is(tokens, at, "CREATE") || !is(tokens, at + 1, "SCHEMA")) {
            return null;
        }
        at += 2;
        if (is(tokens, at, "IF") && is(tokens, at + 1, "NOT") && is(tokens, at + 2, "EXISTS")) {
            at += 3;
        }
        int name = at;
        // CREATE SCHEMA AUTHORIZATION owner is called as its owner
        boolean isNamed = !is(tokens, at, AUTHORIZATION);
        while (isNamed && is(tokens, name + 1, ".")) {
            name += 2;
        }
        int word = isNamed ? name + 1 : name;
        if (!is(tokens, word, AUTHORIZATION)) {
            return isEnd(tokens, name) ? null : new CreatedSchema(Names.folded(tokens.get(name)), null, text);
        }
        if (isEnd(tokens, word + 1)) {
            return null;
        }
        Token owner = tokens.get(word + 1);
        String schema = Names.folded(isNamed ? tokens.get(name) : owner);
        String without = text.substring(0, tokens.get(word).getStartIndex())
                + (isNamed ? "" : Names.exact(schema))
                + text.substring(owner.getStopIndex() + 1);
        return new CreatedSchema(schema, Names.folded(owner).toUpperCase(Locale.ROOT), without.strip());
    }

    private static boolean isEnd(List<? extends Token> tokens, int at) {
        return at >= tokens.size()
                || tokens.get(at).getType() == Token.EOF
                || tokens.get(at).getType() == TunableSqlLexer.SEMI;
    }

    private static boolean is(List<? extends Token> tokens, int at, String word) {
        return at < tokens.size() && tokens.get(at).getText().equalsIgnoreCase(word);
    }
}
