package io.tunabledb.sql.parser;

import java.util.List;
import org.antlr.v4.runtime.CommonToken;

/** Names of three tokens, {@code U&"!0054" UESCAPE '!'}: they become one, whose escapes are backslashes. */
final class EscapedNames {
    private EscapedNames() {}

    /**
     * Whether a literal says which character the name before it escapes with. Then that name, the last but one of
     * {@code tokens}, is the whole.
     */
    static boolean completes(CommonToken literal, List<CommonToken> tokens) {
        int last = tokens.size() - 1;
        if (literal.getType() != TunableSqlLexer.STRING
                || last < 1
                || !tokens.get(last).getText().equalsIgnoreCase("UESCAPE")) {
            return false;
        }
        CommonToken name = tokens.get(last - 1);
        String escape = literal.getText();
        if (name.getType() != TunableSqlLexer.QUOTED || name.getText().charAt(0) == '"' || escape.length() != 3) {
            return false;
        }
        tokens.remove(last);
        name.setText(withBackslashes(name.getText(), escape.charAt(1)));
        name.setStopIndex(literal.getStopIndex());
        return true;
    }

    private static String withBackslashes(String name, char escape) {
        StringBuilder text = new StringBuilder(name.length()).append("U&\"");
        for (int i = text.length(); i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == escape && i + 1 < name.length() && name.charAt(i + 1) == escape) {
                text.append(c == '\\' ? "\\\\" : c);
                i++;
            } else if (c == escape) {
                text.append('\\');
            } else {
                text.append(c == '\\' ? "\\\\" : c);
            }
        }
        return text.toString();
    }
}
