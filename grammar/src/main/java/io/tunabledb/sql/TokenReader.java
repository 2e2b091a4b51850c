package io.tunabledb.sql;

import io.tunabledb.sql.Statement.Trait;
import io.tunabledb.sql.parser.TunableSqlLexer;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.antlr.v4.runtime.Token;
import org.jspecify.annotations.Nullable;

/** What the tokens of a statement tell without structure: its parameters, and which functions it calls. */
final class TokenReader {
    /** Functions whose value differs from call to call, by name; those that need no parentheses come below. */
    private static final Set<String> CHANGING = Set.of(
            "CLOCK_TIMESTAMP",
            "CURDATE",
            "CURTIME",
            "GEN_RANDOM_UUID",
            "GETDATE",
            "GETUTCDATE",
            "MEMORY_FREE",
            "MEMORY_USED",
            "NEWID",
            "NOW",
            "RAND",
            "RANDOM",
            "RANDOM_UUID",
            "SECURE_RAND",
            "SESSION_ID",
            "STATEMENT_TIMESTAMP",
            "SYS_GUID",
            "TODAY",
            "TRANSACTION_ID",
            "TRANSACTION_TIMESTAMP",
            "UNIX_TIMESTAMP",
            "UUID");

    private static final Set<String> CLOCK = Set.of(
            "CURRENT_DATE",
            "CURRENT_TIME",
            "CURRENT_TIMESTAMP",
            "LOCALTIME",
            "LOCALTIMESTAMP",
            "SYSDATE",
            "SYSTIMESTAMP");

    private static final Set<String> OF_THE_SESSION =
            Set.of("CURRVAL", "IDENTITY", "LASTVAL", "LAST_INSERT_ID", "SCOPE_IDENTITY");

    /** H2's own tables that show the session that asks, or all. */
    private static final Set<String> SHOWING_SESSIONS = Set.of("LOCKS", "SESSIONS", "SESSION_STATE");

    private final Set<Trait> traits = EnumSet.noneOf(Trait.class);
    private final Map<Integer, Integer> parameters = new HashMap<>();
    private final List<? extends Token> tokens;
    private @Nullable String refusedFunction;
    private int parameterCount;

    private TokenReader(List<? extends Token> tokens) {
        this.tokens = tokens;
    }

    /** Reads the tokens of one statement; those in {@code naming}, by token index, are names of tables. */
    static TokenReader read(List<? extends Token> tokens, BitSet naming) {
        TokenReader reader = new TokenReader(tokens);
        for (int i = 0; i < tokens.size(); i++) {
            if (!naming.get(tokens.get(i).getTokenIndex())) {
                reader.token(i);
            } else {
                reader.name(i);
            }
        }
        return reader;
    }

    private void name(int i) {
        if (i > 1
                && type(i - 1) == TunableSqlLexer.DOT
                && SHOWING_SESSIONS.contains(Names.folded(tokens.get(i)))
                && Names.folded(tokens.get(i - 2)).equals("INFORMATION_SCHEMA")) {
            traits.add(Trait.USES_SESSION_STATE);
        }
    }

    Set<Trait> traits() {
        return traits;
    }

    int parameterCount() {
        return parameterCount;
    }

    /** The JDBC index of the parameter at that token index, from 1. */
    int parameterAt(int tokenIndex) {
        return parameters.getOrDefault(tokenIndex, 0);
    }

    /** A function the statement calls that is refused wherever it stands. */
    Optional<String> refusedFunction() {
        return Optional.ofNullable(refusedFunction);
    }

    private void token(int i) {
        Token token = tokens.get(i);
        switch (token.getType()) {
            case TunableSqlLexer.PARAMETER -> parameter(token);
            case TunableSqlLexer.AT -> {
                traits.add(Trait.USES_SESSION_STATE);
                if (i + 2 < tokens.size() && tokens.get(i + 2).getText().equals(":=")) {
                    traits.add(Trait.ASSIGNS_VARIABLES);
                }
            }
            case TunableSqlLexer.FOR -> {
                if (type(i + 1) == TunableSqlLexer.UPDATE) {
                    traits.add(Trait.LOCKS_ROWS);
                }
            }
            case TunableSqlLexer.PLAIN -> {
                if (token.getText().equalsIgnoreCase("FOR")) {
                    boolean next = type(i - 2) != TunableSqlLexer.CURRENT;
                    traits.add(next ? Trait.READ_WITH_EFFECT : Trait.USES_SESSION_STATE);
                }
            }
            case TunableSqlLexer.DELTA -> traits.add(Trait.READ_WITH_EFFECT);
            case TunableSqlLexer.CURRENT -> {
                // DB2's CURRENT TIMESTAMP
                String next = i + 1 < tokens.size() ? Names.folded(tokens.get(i + 1)) : "";
                if (CLOCK.contains("CURRENT_" + next)) {
                    traits.add(Trait.NON_DETERMINISTIC);
                }
            }
            case TunableSqlLexer.WORD, TunableSqlLexer.QUOTED, TunableSqlLexer.BACKTICKED -> word(i, token);
            default -> {
                if (token.getType() == TunableSqlLexer.SET
                        && type(i + 1) == TunableSqlLexer.LPAREN
                        && type(i + 2) == TunableSqlLexer.AT) {
                    traits.add(Trait.USES_SESSION_STATE);
                    traits.add(Trait.ASSIGNS_VARIABLES);
                }
            }
        }
    }

    private void parameter(Token token) {
        String text = token.getText();
        if (text.length() > 1) {
            traits.add(Trait.NUMBERED_PARAMETERS);
        }
        int index = text.length() == 1 ? parameterCount + 1 : index(text);
        parameters.put(token.getTokenIndex(), index);
        parameterCount = Math.max(parameterCount, index);
    }

    /** An index beyond what H2 takes is left to H2 to refuse. */
    private static int index(String parameter) {
        return parameter.length() > 6 ? 0 : Integer.parseInt(parameter.substring(1));
    }

    private void word(int i, Token token) {
        String name = Names.folded(token);
        boolean quoted = token.getType() != TunableSqlLexer.WORD;
        boolean qualifies = type(i + 1) == TunableSqlLexer.DOT;
        boolean qualified = type(i - 1) == TunableSqlLexer.DOT;
        if (!quoted && !qualifies && !qualified && CLOCK.contains(name)) {
            traits.add(Trait.NON_DETERMINISTIC);
        }
        if (!quoted && !qualifies && !qualified && name.equals("ROWNUM")) {
            traits.add(Trait.NUMBERS_ROWS);
        }
        if (qualified && name.equals("NEXTVAL")) {
            traits.add(Trait.READ_WITH_EFFECT);
        } else if (qualified && name.equals("CURRVAL")) {
            traits.add(Trait.USES_SESSION_STATE);
        }
        if (type(i + 1) == TunableSqlLexer.LPAREN) {
            call(quoted ? name.toUpperCase(Locale.ROOT) : name);
        }
    }

    private void call(String name) {
        if (CHANGING.contains(name)) {
            traits.add(Trait.NON_DETERMINISTIC);
        } else if (OF_THE_SESSION.contains(name)) {
            traits.add(Trait.USES_SESSION_STATE);
        } else if (name.equals("NEXTVAL")) {
            traits.add(Trait.READ_WITH_EFFECT);
        } else if (Refusals.isRefusedFunction(name) && refusedFunction == null) {
            refusedFunction = name;
        }
    }

    private int type(int i) {
        return i >= 0 && i < tokens.size() ? tokens.get(i).getType() : Token.EOF;
    }
}
