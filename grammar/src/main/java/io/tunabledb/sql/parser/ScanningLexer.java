package io.tunabledb.sql.parser;

import org.antlr.v4.runtime.CharStream;
import org.antlr.v4.runtime.IntStream;
import org.antlr.v4.runtime.Lexer;
import org.antlr.v4.runtime.LexerNoViableAltException;
import org.antlr.v4.runtime.Token;

/** What the lexer's rules leave to code: the bodies of literals and comments, and letters beyond ASCII. */
abstract class ScanningLexer extends Lexer {

    private final TextStream text;

    /** A lexer of a {@link TextStream}; the type is the one that generated code passes. */
    ScanningLexer(CharStream input) {
        super(input);
        this.text = (TextStream) input;
    }

    /** Reads up to the closing mark; the mark doubled is part of the text. */
    void scanQuoted(char mark) {
        while (true) {
            if (read("the text that starts here has no closing " + mark) == mark) {
                if (_input.LA(1) != mark) {
                    return;
                }
                _input.consume();
            }
        }
    }

    /** Reads up to the closing {@code $$}. */
    void scanDollars() {
        while (read("the text that starts here has no closing $$") != '$' || _input.LA(1) != '$') {}
        _input.consume();
    }

    /** Reads up to the end of the comment; comments nest. */
    void scanComment() {
        int depth = 1;
        while (depth > 0) {
            int c = read("the comment that starts here has no closing */");
            if (c == '*' && _input.LA(1) == '/') {
                _input.consume();
                depth--;
            } else if (c == '/' && _input.LA(1) == '*') {
                _input.consume();
                depth++;
            }
        }
    }

    /** Reads up to the end of the line. */
    void scanLine() {
        int c = _input.LA(1);
        while (c != '\n' && c != '\r' && c != IntStream.EOF) {
            _input.consume();
            c = _input.LA(1);
        }
    }

    private int read(String whatIsMissing) {
        int c = _input.LA(1);
        if (c == IntStream.EOF) {
            throw new ParseError(_tokenStartCharIndex, whatIsMissing);
        }
        _input.consume();
        return c;
    }

    /** Tells what a character beyond ASCII is: H2 takes what Java does for letters and for spaces. */
    void scanWide() {
        int point = pointAt(-1);
        if (Character.charCount(point) == 2) {
            _input.consume();
        }
        if (Character.isSpaceChar(point)) {
            skip();
        } else if (Character.isJavaIdentifierStart(point)) {
            setType(TunableSqlLexer.WORD);
            scanWord();
        } else {
            setType(TunableSqlLexer.OTHER);
        }
    }

    /** A word goes on with letters beyond ASCII, and then it is no keyword. */
    @Override
    public Token emit() {
        if (_input.LA(1) == TextStream.WIDE && Words.isWord(_type) && scanWord()) {
            _type = TunableSqlLexer.WORD;
        }
        return super.emit();
    }

    private boolean scanWord() {
        int start = _input.index();
        while (true) {
            int point = pointAt(1);
            if (point <= ' ' || !Character.isJavaIdentifierPart(point)) {
                return _input.index() > start;
            }
            _input.consume();
            if (Character.charCount(point) == 2) {
                _input.consume();
            }
        }
    }

    private int pointAt(int i) {
        int c = text.actual(i);
        int next = text.actual(i < 0 ? i + 2 : i + 1);
        boolean pair = c >= 0 && next >= 0 && Character.isSurrogatePair((char) c, (char) next);
        return pair ? Character.toCodePoint((char) c, (char) next) : c;
    }

    /** Every character has a rule, so this is a fault of the grammar. */
    @Override
    public void recover(LexerNoViableAltException e) {
        throw new IllegalStateException("no lexer rule at " + e.getStartIndex(), e);
    }
}
