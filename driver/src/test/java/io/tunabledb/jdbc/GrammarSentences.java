package io.tunabledb.jdbc;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.h2.bnf.Bnf;
import org.h2.bnf.BnfVisitor;
import org.h2.bnf.Rule;
import org.h2.bnf.RuleFixed;
import org.h2.bnf.RuleHead;

/**
 * Random sentences of H2's own grammar, as its help has it: every statement form there is, also those nobody thought of.
 * Where the grammar says that a name comes, it is one of a few.
 */
@SuppressWarnings("NonApiType") // as H2 has it
final class GrammarSentences implements BnfVisitor {
    private static final int MAX_LENGTH = 600;
    private static final int MAX_DEPTH = 40;

    private final Bnf grammar;
    private final Random random;
    private final Map<String, List<String>> names;
    private final StringBuilder sentence = new StringBuilder();
    private int depth;

    /**
     * @param names what stands for a rule, by the rule's name in lower case without spaces
     */
    GrammarSentences(Random random, Map<String, List<String>> names) throws SQLException, IOException {
        this.grammar = Bnf.getInstance(null);
        grammar.linkStatements();
        this.random = random;
        this.names = names;
    }

    /** The forms of statements there are. */
    List<RuleHead> forms() {
        List<RuleHead> forms = new ArrayList<>(grammar.getStatements());
        forms.removeIf(head -> !head.getSection().startsWith("Commands"));
        return forms;
    }

    /** A sentence of that form. */
    String of(RuleHead form) {
        sentence.setLength(0);
        depth = 0;
        form.getRule().accept(this);
        return sentence.toString()
                .replaceAll("\\s+", " ")
                .replaceAll("[; ]+$", "")
                .strip();
    }

    private <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private boolean isLong() {
        return sentence.length() > MAX_LENGTH || depth > MAX_DEPTH;
    }

    private void append(String text) {
        sentence.append(' ').append(text).append(' ');
    }

    @Override
    public void visitRuleElement(boolean keyword, String name, Rule link) {
        if (keyword) {
            append(name);
            return;
        }
        String key = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "");
        List<String> known = names.get(key);
        if (known != null) {
            append(pick(known));
        } else if (link == null || isLong()) {
            append(key.contains("expression") || key.equals("condition") || key.contains("value") ? "1" : "T");
        } else {
            depth++;
            link.accept(this);
            depth--;
        }
    }

    @Override
    public void visitRuleRepeat(boolean comma, Rule rule) {
        rule.accept(this);
        while (!isLong() && random.nextInt(4) == 0) {
            if (comma) {
                append(",");
            }
            rule.accept(this);
        }
    }

    @Override
    public void visitRuleFixed(int type) {
        append(
                switch (type) {
                    case RuleFixed.YMD -> "2020-02-02";
                    case RuleFixed.HMS -> "10:10:10";
                    case RuleFixed.ANY_EXCEPT_SINGLE_QUOTE, RuleFixed.ANY_EXCEPT_DOUBLE_QUOTE, RuleFixed.ANY_WORD ->
                        "T";
                    case RuleFixed.HEX_START -> "0x";
                    case RuleFixed.CONCAT -> "||";
                    case RuleFixed.OPEN_BRACKET -> "[";
                    case RuleFixed.CLOSE_BRACKET -> "]";
                    default -> String.valueOf(random.nextInt(9));
                });
    }

    @Override
    public void visitRuleList(boolean or, ArrayList<Rule> list) {
        if (or) {
            pick(list).accept(this);
        } else {
            list.forEach(rule -> rule.accept(this));
        }
    }

    @Override
    public void visitRuleOptional(Rule rule) {
        if (!isLong() && random.nextInt(3) == 0) {
            rule.accept(this);
        }
    }

    @Override
    public void visitRuleOptional(ArrayList<Rule> list) {
        if (!isLong() && random.nextInt(3) == 0) {
            pick(list).accept(this);
        }
    }

    @Override
    public void visitRuleExtension(Rule rule, boolean compatibility) {
        rule.accept(this);
    }
}
