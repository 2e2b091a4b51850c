package io.tunabledb.sql;

import io.tunabledb.sql.Statement.TableUse;
import io.tunabledb.sql.Statement.Use;
import io.tunabledb.sql.parser.TunableSqlLexer;
import io.tunabledb.sql.parser.TunableSqlParser.*;
import io.tunabledb.sql.parser.TunableSqlParserBaseVisitor;
import io.tunabledb.sql.parser.Words;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.tree.ParseTree;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.jspecify.annotations.Nullable;

/**
 * Finds every table a statement names, at any depth, and keeps CTE names and table functions apart from them. Every
 * method returns this reader, so that a walk has a result.
 */
final class TableReader extends TunableSqlParserBaseVisitor<TableReader> {
    private final List<? extends Token> tokens;
    private final Use changed;
    private final Set<TableUse> tables = new LinkedHashSet<>();
    private final Map<Integer, TableUse> uses = new TreeMap<>();
    private final BitSet naming = new BitSet();
    private final NeedReader needs;
    private @Nullable Scope scope;

    /** The CTE names that can be seen from a place, innermost first. */
    private record Scope(@Nullable Scope outer, Set<String> names) {
        static boolean sees(@Nullable Scope scope, String name) {
            for (Scope at = scope; at != null; at = at.outer) {
                if (at.names.contains(name)) {
                    return true;
                }
            }
            return false;
        }
    }

    /**
     * A reader over these tokens.
     *
     * @param changed how the target of a change is used: READ when the change is only explained
     */
    TableReader(List<? extends Token> tokens, Use changed) {
        this.tokens = tokens;
        this.changed = changed;
        this.needs = new NeedReader(tokens, changed == Use.WRITE);
    }

    /** What was found, in order of appearance. */
    Set<TableUse> tables() {
        return tables;
    }

    /** The rights that are needed for it. */
    Set<Statement.Need> needs() {
        return needs.found();
    }

    /** Every single use in a query or a change, by the index of the token it begins with. */
    Map<Integer, TableUse> uses() {
        return uses;
    }

    /** The indexes of tokens that name tables, aliases and CTEs, and so call no function whatever they are called. */
    BitSet naming() {
        return naming;
    }

    @Override
    public TableReader visitQuery(QueryContext query) {
        return scoped(query);
    }

    @Override
    public TableReader visitKeywordQuery(KeywordQueryContext query) {
        return scoped(query);
    }

    private TableReader scoped(ParserRuleContext query) {
        Scope outer = scope;
        visitAll(query);
        scope = outer;
        return this;
    }

    @Override
    public TableReader visitCtes(CtesContext ctes) {
        Scope own = new Scope(scope, new HashSet<>());
        scope = own;
        boolean recursive = ctes.RECURSIVE() != null;
        for (CteContext cte : ctes.cte()) {
            name(cte.name());
            if (recursive) {
                own.names.add(Names.folded(cte.name()));
            }
            if (cte.group() != null) {
                visitAll(cte.group());
            }
            visitAll(cte.groupBody());
            own.names.add(Names.folded(cte.name()));
        }
        return this;
    }

    @Override
    public TableReader visitNamedTable(NamedTableContext table) {
        SuffixContext suffix = table.suffix();
        if (isCall(suffix)) {
            return visitAll(suffix);
        }
        read(table.qualifiedName());
        return visitSuffix(suffix);
    }

    private static boolean isCall(SuffixContext suffix) {
        return suffix.getChildCount() > 0
                && suffix.getChild(0) instanceof GroupContext group
                && !(group.groupBody() != null && group.groupBody().getStart().getType() == TunableSqlLexer.INDEX);
    }

    @Override
    public TableReader visitExplicitTable(ExplicitTableContext table) {
        return read(table.qualifiedName());
    }

    @Override
    public TableReader visitInsert(InsertContext insert) {
        return target(insert.qualifiedName(), insert);
    }

    @Override
    public TableReader visitReplace(ReplaceContext replace) {
        return target(replace.qualifiedName(), replace);
    }

    @Override
    public TableReader visitUpdate(UpdateContext update) {
        return target(update.qualifiedName(), update);
    }

    @Override
    public TableReader visitDelete(DeleteContext delete) {
        return target(delete.qualifiedName(), delete);
    }

    @Override
    public TableReader visitMerge(MergeContext merge) {
        return target(merge.qualifiedName(), merge);
    }

    private TableReader target(QualifiedNameContext name, ParserRuleContext change) {
        needs.changed(Names.table(name, changed), change);
        add(name, changed);
        return visitAll(change);
    }

    /** Reached only where no method above has taken the name. */
    @Override
    public TableReader visitQualifiedName(QualifiedNameContext name) {
        return this;
    }

    /**
     * The columns after an alias are names. What a statement that H2 will refuse has there instead is read like anything
     * else, so that every query and change that the grammar takes has its tables.
     */
    @Override
    public TableReader visitSuffix(SuffixContext suffix) {
        name(suffix);
        return visitAll(suffix);
    }

    @Override
    public TableReader visitCreateTable(CreateTableContext create) {
        return target(create.qualifiedName(), create);
    }

    @Override
    public TableReader visitDefinition(DefinitionContext definition) {
        references(definition);
        return visitAll(definition);
    }

    @Override
    public TableReader visitCreateView(CreateViewContext create) {
        return target(create.qualifiedName(), create);
    }

    @Override
    public TableReader visitCreateIndex(CreateIndexContext create) {
        return target(create.qualifiedName(), create);
    }

    @Override
    public TableReader visitCreateSynonym(CreateSynonymContext create) {
        needs.owned(create.qualifiedName(0));
        add(create.qualifiedName(0), changed);
        add(create.qualifiedName(1), Use.READ);
        return this;
    }

    @Override
    public TableReader visitAlterTable(AlterTableContext alter) {
        return target(alter.qualifiedName(), alter);
    }

    @Override
    public TableReader visitAlterOtherwise(AlterOtherwiseContext alter) {
        List<? extends Token> words = span(alter);
        if (words.size() > 2 && is(words.get(0), "RENAME") && is(words.get(1), "TO")) {
            tables.add(tableAt(words, 2, changed));
        }
        references(alter);
        return visitAll(alter);
    }

    @Override
    public TableReader visitAlterView(AlterViewContext alter) {
        return target(alter.qualifiedName(), alter);
    }

    @Override
    public TableReader visitDropTable(DropTableContext drop) {
        drop.qualifiedName().forEach(needs::owned);
        drop.qualifiedName().forEach(name -> add(name, changed));
        return this;
    }

    @Override
    public TableReader visitTruncate(TruncateContext truncate) {
        needs.truncated(truncate.qualifiedName());
        add(truncate.qualifiedName(), changed);
        return this;
    }

    @Override
    public TableReader visitCommentTable(CommentTableContext comment) {
        needs.owned(comment.qualifiedName());
        add(comment.qualifiedName(), changed);
        return this;
    }

    @Override
    public TableReader visitCommentColumn(CommentColumnContext comment) {
        List<NameContext> parts = comment.qualifiedName().name();
        int last = parts.size() - 1;
        if (last > 0) {
            String schema = last > 1 ? Names.folded(parts.get(last - 2)) : null;
            TableUse table = new TableUse(schema, Names.folded(parts.get(last - 1)), changed);
            tables.add(table);
            needs.owned(table);
        }
        return this;
    }

    @Override
    public TableReader visitAnalyze(AnalyzeContext analyze) {
        needs.admin();
        if (analyze.qualifiedName() != null) {
            add(analyze.qualifiedName(), changed);
        }
        return this;
    }

    @Override
    public TableReader visitRefresh(RefreshContext refresh) {
        needs.owned(refresh.qualifiedName());
        add(refresh.qualifiedName(), changed);
        return this;
    }

    @Override
    public TableReader visitCreateOther(CreateOtherContext create) {
        needs.defined("CREATE", span(create));
        return visitAll(create);
    }

    @Override
    public TableReader visitAlterOther(AlterOtherContext alter) {
        needs.defined("ALTER", span(alter));
        return visitAll(alter);
    }

    @Override
    public TableReader visitDropOther(DropOtherContext drop) {
        needs.defined("DROP", span(drop));
        return visitAll(drop);
    }

    @Override
    public TableReader visitCommentOther(CommentOtherContext comment) {
        needs.defined("COMMENT", span(comment));
        return visitAll(comment);
    }

    /** SHOW COLUMNS FROM table [FROM schema]. */
    @Override
    public TableReader visitShow(ShowContext show) {
        List<? extends Token> words = span(show);
        if (words.size() > 3 && is(words.get(1), "COLUMNS") && words.get(2).getType() == TunableSqlLexer.FROM) {
            TableUse table = tableAt(words, 3, Use.READ);
            Token last = words.get(words.size() - 1);
            boolean schemaLast = words.size() > 5 && words.get(words.size() - 2).getType() == TunableSqlLexer.FROM;
            tables.add(schemaLast ? new TableUse(Names.folded(last), table.name(), Use.READ) : table);
        }
        return this;
    }

    /** FOREIGN KEYs inside a definition; {@code REFERENCES (column)} means the table itself. */
    private void references(ParserRuleContext definition) {
        List<? extends Token> words = span(definition);
        for (int i = 0; i + 1 < words.size(); i++) {
            boolean names = isName(words.get(i + 1));
            if (is(words.get(i), "REFERENCES") && names) {
                TableUse table = tableAt(words, i + 1, Use.READ);
                tables.add(table);
                needs.owned(table);
                int name = words.get(i + 1).getTokenIndex();
                naming.set(name, name + 1);
            }
        }
    }

    private TableUse tableAt(List<? extends Token> words, int at, Use use) {
        String schema = null;
        Token name = words.get(at);
        int i = at;
        while (i + 2 < words.size() && words.get(i + 1).getType() == TunableSqlLexer.DOT) {
            schema = Names.folded(name);
            i += 2;
            name = words.get(i);
        }
        naming.set(name.getTokenIndex());
        return new TableUse(schema, Names.folded(name), use);
    }

    private static boolean isName(Token token) {
        return switch (token.getType()) {
            case TunableSqlLexer.QUOTED, TunableSqlLexer.BACKTICKED -> true;
            default -> Words.isWord(token.getType());
        };
    }

    private static boolean is(Token token, String word) {
        return token.getText().equalsIgnoreCase(word);
    }

    private List<? extends Token> span(ParserRuleContext tree) {
        return tree.getStop() == null
                        || tree.getStop().getTokenIndex() < tree.getStart().getTokenIndex()
                ? List.of()
                : tokens.subList(tree.getStart().getTokenIndex(), tree.getStop().getTokenIndex() + 1);
    }

    private TableReader read(QualifiedNameContext name) {
        TableUse table = Names.table(name, Use.READ);
        if (table.schema() != null || !Scope.sees(scope, table.name())) {
            tables.add(table);
            uses.put(name.getStart().getTokenIndex(), table);
            needs.read(table);
        }
        return name(name);
    }

    private void add(QualifiedNameContext name, Use use) {
        TableUse table = Names.table(name, use);
        tables.add(table);
        uses.put(name.getStart().getTokenIndex(), table);
        name(name);
    }

    private TableReader name(ParserRuleContext tree) {
        if (tree.getStop() != null
                && tree.getStop().getTokenIndex() >= tree.getStart().getTokenIndex()) {
            naming.set(tree.getStart().getTokenIndex(), tree.getStop().getTokenIndex() + 1);
        }
        return this;
    }

    /** Visits what stands in the tree; without a call for what only lies between, because brackets may nest deep. */
    private TableReader visitAll(ParserRuleContext tree) {
        Deque<ParseTree> open = new ArrayDeque<>();
        open.push(tree);
        while (!open.isEmpty()) {
            ParseTree at = open.pop();
            if (at != tree && !liesBetween(at)) {
                visit(at);
                continue;
            }
            for (int i = at.getChildCount() - 1; i >= 0; i--) {
                ParseTree child = at.getChild(i);
                if (!(child instanceof TerminalNode)) {
                    open.push(child);
                }
            }
        }
        return this;
    }

    private static boolean liesBetween(ParseTree tree) {
        return tree instanceof GroupContext
                || tree instanceof GroupBodyContext
                || tree instanceof InnerContext
                || tree instanceof ListContext
                || tree instanceof RunContext
                || tree instanceof BodyContext
                || tree instanceof SelectContext
                || tree instanceof FromListContext
                || tree instanceof TableReferenceContext
                || tree instanceof JoinPartContext
                || tree instanceof NestedTableContext
                || tree instanceof TableFunctionContext
                || tree instanceof DeltaTableContext
                || tree instanceof SourceContext
                || tree instanceof TailContext
                || tree instanceof SetOperationContext;
    }
}
