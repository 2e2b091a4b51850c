package io.tunabledb.sql;

import io.tunabledb.sql.Statement.Need;
import io.tunabledb.sql.Statement.TableUse;
import io.tunabledb.sql.Statement.Use;
import io.tunabledb.sql.parser.TunableSqlLexer;
import io.tunabledb.sql.parser.TunableSqlParser.*;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.Token;
import org.jspecify.annotations.Nullable;

/**
 * The rights a statement needs, as H2 has them: whatever stands in a FROM is read, and so is the table that an UPDATE, a
 * DELETE or a MERGE changes; a change needs its own right besides, and an explained one only what it would read. A definition needs the
 * ownership of a schema. {@link TableReader} tells it what it meets.
 */
final class NeedReader {
    private final List<? extends Token> tokens;
    private final boolean isRun;
    private final Set<Need> found = new LinkedHashSet<>();

    NeedReader(List<? extends Token> tokens, boolean isRun) {
        this.tokens = tokens;
        this.isRun = isRun;
    }

    Set<Need> found() {
        return found;
    }

    // ---- rows ----

    void read(TableUse table) {
        add(table, Right.SELECT);
    }

    /** The target of a change, of a definition. */
    void changed(TableUse table, ParserRuleContext change) {
        if (change instanceof InsertContext insert) {
            run(table, Right.INSERT);
            if (insert.ON_CONFLICT() != null) {
                // H2 asks when there is a conflict; whether there is one must not decide what is allowed
                add(table, Right.SELECT);
                run(table, Right.UPDATE);
            }
        } else if (change instanceof ReplaceContext) {
            run(table, Right.INSERT);
            run(table, Right.UPDATE);
        } else if (change instanceof UpdateContext) {
            add(table, Right.SELECT);
            run(table, Right.UPDATE);
        } else if (change instanceof DeleteContext) {
            add(table, Right.SELECT);
            run(table, Right.DELETE);
        } else if (change instanceof MergeContext merge) {
            add(table, Right.SELECT);
            if (merge.USING() == null) {
                run(table, Right.INSERT);
                run(table, Right.UPDATE);
            } else {
                merged(merge).forEach(right -> run(table, right));
            }
        } else if (change instanceof CreateTableContext create) {
            if (!isLocalTemporary(create)) {
                add(table, Right.OWN);
            }
        } else {
            add(table, Right.OWN);
        }
    }

    void truncated(QualifiedNameContext table) {
        run(Names.table(table, Use.WRITE), Right.DELETE);
    }

    /** What the branches of a MERGE … USING do. */
    private Set<Right> merged(MergeContext merge) {
        Set<Right> rights = EnumSet.noneOf(Right.class);
        int last = merge.getStop().getTokenIndex();
        for (int i = merge.getStart().getTokenIndex(); i + 1 < last + 1; i++) {
            if (!is(i, "THEN")) {
                continue;
            }
            // a CASE has a THEN as well, and what stands behind it may be a column of that name
            if (is(i + 1, "DELETE")) {
                rights.add(Right.DELETE);
            } else if (is(i + 1, "UPDATE")) {
                rights.add(Right.UPDATE);
            } else if (is(i + 1, "INSERT")) {
                rights.add(Right.INSERT);
            }
        }
        return rights;
    }

    private static boolean isLocalTemporary(CreateTableContext create) {
        return create.getParent() instanceof CreateContext whole
                && whole.createWord().stream().anyMatch(word -> word.LOCAL() != null);
    }

    // ---- definitions ----

    void owned(QualifiedNameContext name) {
        owned(Names.table(name, Use.WRITE));
    }

    void owned(TableUse table) {
        add(table, Right.OWN);
    }

    void admin() {
        found.add(new Need(null, "", Right.ADMIN));
    }

    /**
     * CREATE, ALTER, DROP or COMMENT ON of something that is no table.
     *
     * @param words what it is, and what follows
     */
    void defined(String verb, List<? extends Token> words) {
        if (words.isEmpty()) {
            return;
        }
        String kind = words.get(0).getText();
        int at = 1;
        while (at < words.size()
                && (is(words.get(at), "IF") || is(words.get(at), "NOT") || is(words.get(at), "EXISTS"))) {
            at++;
        }
        if (kind.equalsIgnoreCase("SCHEMA")) {
            boolean isInside = verb.equals("DROP") || verb.equals("COMMENT");
            found.add(
                    isInside && at < words.size()
                            ? new Need(Names.folded(words.get(at)), "", Right.OWN)
                            : new Need(null, "", Right.ALTER_ANY_SCHEMA));
            return;
        }
        boolean isOfSchema = Set.of("CONSTANT", "CONSTRAINT", "DATATYPE", "DOMAIN", "INDEX", "SEQUENCE", "TYPE")
                .contains(Names.folded(words.get(0)));
        if (!isOfSchema || at >= words.size()) {
            admin();
            return;
        }
        String schema = null;
        String name = Names.folded(words.get(at));
        for (int i = at; i + 2 < words.size() && words.get(i + 1).getType() == TunableSqlLexer.DOT; i += 2) {
            schema = name;
            name = Names.folded(words.get(i + 2));
        }
        add(schema, name, Right.OWN);
    }

    // ---- what is found ----

    private void run(TableUse table, Right right) {
        if (isRun) {
            add(table, right);
        }
    }

    private void add(TableUse table, Right right) {
        add(table.schema(), table.name(), right);
    }

    private void add(@Nullable String schema, String name, Right right) {
        found.add(new Need(schema, name, right));
    }

    private boolean is(int index, String word) {
        return index < tokens.size() && is(tokens.get(index), word);
    }

    private static boolean is(Token token, String word) {
        return token.getText().equalsIgnoreCase(word);
    }
}
