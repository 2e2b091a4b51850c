package io.tunabledb.sql;

import io.tunabledb.consistency.Rule;
import io.tunabledb.consistency.Rule.Downgrade;
import io.tunabledb.consistency.Rule.Operations;
import io.tunabledb.consistency.Rung;
import io.tunabledb.sql.Statement.TableUse;
import io.tunabledb.sql.Statement.Use;
import io.tunabledb.sql.parser.ParseError;
import io.tunabledb.sql.parser.TunableSqlLexer;
import io.tunabledb.sql.parser.TunableSqlParser.ConsistencyRuleContext;
import io.tunabledb.sql.parser.TunableSqlParser.CreateContext;
import io.tunabledb.sql.parser.TunableSqlParser.CreateRuleContext;
import io.tunabledb.sql.parser.TunableSqlParser.DowngradeContext;
import io.tunabledb.sql.parser.TunableSqlParser.DropContext;
import io.tunabledb.sql.parser.TunableSqlParser.DropRuleContext;
import io.tunabledb.sql.parser.TunableSqlParser.H2StatementContext;
import io.tunabledb.sql.parser.TunableSqlParser.NameContext;
import io.tunabledb.sql.parser.Words;
import java.util.List;
import java.util.Locale;
import org.antlr.v4.runtime.Token;
import org.jspecify.annotations.Nullable;

/** Trees of {@code CREATE} and {@code DROP CONSISTENCY RULE} to their statements. */
final class RuleReader {
    /** Longer names are a slip; they are stored and shown. */
    private static final int LONGEST_NAME = 128;

    private RuleReader() {}

    /** The statement, or null when the tree is of another kind. */
    static @Nullable Statement statement(H2StatementContext tree) {
        if (tree instanceof CreateContext create && create.createObject() instanceof CreateRuleContext object) {
            return create(create, object.consistencyRule());
        }
        return tree instanceof DropContext drop && drop.dropObject() instanceof DropRuleContext object
                ? drop(object)
                : null;
    }

    private static Statement drop(DropRuleContext tree) {
        String name = name(tree.name());
        boolean ifExists = tree.ifExists() != null;
        return new Statement.DropRule(
                name, ifExists, "DROP CONSISTENCY RULE " + (ifExists ? "IF EXISTS " : "") + Names.quoted(name));
    }

    private static Statement create(CreateContext create, ConsistencyRuleContext tree) {
        boolean replaces = replaces(create);
        String name = name(tree.ruleName);
        String before = tree.before == null ? null : name(tree.before);
        if (name.equals(before)) {
            throw error(tree.before.getStart(), "a rule can't stand before itself");
        }
        Rule rule = new Rule(
                name,
                table(tree),
                Operations.valueOf(tree.operation.getText().toUpperCase(Locale.ROOT)),
                tree.STRING() == null ? null : userType(tree.STRING().getSymbol()),
                LadderReader.ladder(tree.ladder()),
                tree.floor() == null ? null : LadderReader.bareRung(tree.floor().bareRung()),
                tree.downgrade() == null ? null : downgrade(tree.downgrade()));
        return new Statement.CreateRule(rule, replaces, before, Rendering.rule(rule, replaces, before));
    }

    private static boolean replaces(CreateContext create) {
        List<String> words = create.createWord().stream()
                .map(word -> word.getText().toUpperCase(Locale.ROOT))
                .toList();
        if (!words.isEmpty() && !words.equals(List.of("OR", "REPLACE"))) {
            Token first = create.createWord(0).getStart();
            throw error(first, "found " + Words.quoted(first) + ", expected CONSISTENCY or OR REPLACE CONSISTENCY");
        }
        return !words.isEmpty();
    }

    private static String name(NameContext tree) {
        String name = Names.folded(tree);
        if (name.isEmpty() || name.length() > LONGEST_NAME) {
            throw error(
                    tree.getStart(), "a rule's name has 1 to " + LONGEST_NAME + " characters, found " + name.length());
        }
        return name;
    }

    private static Rule.@Nullable Table table(ConsistencyRuleContext tree) {
        if (tree.qualifiedName() == null) {
            return null;
        }
        TableUse table = Names.table(tree.qualifiedName(), Use.READ);
        return new Rule.Table(table.schema(), table.name());
    }

    private static String userType(Token literal) {
        String type = Names.literal(literal);
        if (type.isEmpty()) {
            throw error(literal, "a user type can't be empty; leave TO USER TYPE out to mean every user");
        }
        return type;
    }

    private static Downgrade downgrade(DowngradeContext tree) {
        List<Rung> to = tree.bareRung().stream().map(LadderReader::bareRung).toList();
        Token number = tree.NUMBER().getSymbol();
        double load = load(number);
        if (!(load > 0 && load <= Downgrade.MOST)) {
            throw error(
                    number,
                    "found " + Words.quoted(number) + ", expected a load above 0 and at most 100; 1 is fully loaded");
        }
        return new Downgrade(to, load);
    }

    /** NaN when it is no decimal number. */
    private static double load(Token number) {
        String text = number.getText().replace("_", "");
        boolean isDecimal = text.chars().allMatch(c -> c == '.' || Character.isDigit(c));
        return isDecimal && number.getType() == TunableSqlLexer.NUMBER ? Double.parseDouble(text) : Double.NaN;
    }

    private static ParseError error(Token at, String message) {
        return new ParseError(at.getStartIndex(), message);
    }
}
