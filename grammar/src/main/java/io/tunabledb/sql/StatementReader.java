package io.tunabledb.sql;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.sql.HintReader.Hint;
import io.tunabledb.sql.Statement.Asked;
import io.tunabledb.sql.Statement.Source;
import io.tunabledb.sql.Statement.TableUse;
import io.tunabledb.sql.Statement.TransactionControl.Verb;
import io.tunabledb.sql.Statement.Use;
import io.tunabledb.sql.parser.Lexed;
import io.tunabledb.sql.parser.ParseError;
import io.tunabledb.sql.parser.TunableSqlLexer;
import io.tunabledb.sql.parser.TunableSqlParser.*;
import io.tunabledb.sql.parser.TunableSqlParserBaseVisitor;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.Token;
import org.jspecify.annotations.Nullable;

/** One statement's tree to a {@link Statement}. */
final class StatementReader extends TunableSqlParserBaseVisitor<Statement> {
    private final Lexed lexed;
    private final int start;
    private final int end;
    private final List<Hint> hints;

    /**
     * A reader of the statement between two characters, leading and trailing comments included.
     *
     * @param hints what hints of this statement ask
     */
    StatementReader(Lexed lexed, int start, int end, List<Hint> hints) {
        this.lexed = lexed;
        this.start = start;
        this.end = end;
        this.hints = hints;
    }

    @Override
    public Statement visitPassedOn(PassedOnContext tree) {
        return h2(tree.h2Statement(), tree.consistencyClause(), start);
    }

    @Override
    public Statement visitExplainConsistency(ExplainConsistencyContext tree) {
        int inner = tree.CONSISTENCY().getSymbol().getStopIndex() + 1;
        Statement statement = h2(tree.h2Statement(), tree.consistencyClause(), inner);
        return new Statement.ExplainConsistency(statement, "EXPLAIN CONSISTENCY " + Rendering.text(statement));
    }

    private Statement h2(H2StatementContext tree, @Nullable ConsistencyClauseContext clause, int from) {
        Statement ofUsers = UserReader.statement(tree, span(tree));
        if (ofUsers != null) {
            requireNoClause(clause);
            return ofUsers;
        }
        String refused = Refusals.of(tree);
        if (refused != null) {
            return Refusals.refused(refused, text(from));
        }
        if (tree instanceof AlterTableContext alter) {
            Statement settings = altered(alter, clause);
            if (settings != null) {
                return settings;
            }
        }
        Statement rule = RuleReader.statement(tree);
        if (rule != null) {
            if (clause != null) {
                throw new ParseError(
                        clause.getStart().getStartIndex(), "CONSISTENCY RULE itself takes no consistency clause");
            }
            return rule;
        }
        return tree instanceof CreateContext create && create.createObject() instanceof CreateTableContext table
                ? createTable(create, table, clause, from)
                : sql(tree, asked(clause, from), text(from, clause), from);
    }

    private static void requireNoClause(@Nullable ConsistencyClauseContext clause) {
        if (clause != null) {
            throw new ParseError(
                    clause.getStart().getStartIndex(),
                    "a statement about users and rights takes no consistency clause");
        }
    }

    private static @Nullable Statement altered(AlterTableContext alter, @Nullable ConsistencyClauseContext clause) {
        TableUse table = Names.table(alter.qualifiedName(), Use.WRITE);
        Statement settings = null;
        if (alter.alterAction() instanceof AlterConsistencyContext consistency) {
            Ladders ladders = ladders(consistency.tableLadders());
            settings = new Statement.TableSettings(
                    null,
                    table,
                    ladders.read,
                    ladders.write,
                    null,
                    Rendering.alterTable(table, ladders.read, ladders.write));
        }
        ShardingReader sharding = ShardingReader.of(alter);
        if (sharding != null) {
            settings = new Statement.TableSettings(
                    null, table, null, null, sharding.sharded(), Rendering.alterTable(table, sharding.sharded()));
        }
        if (settings != null && clause != null) {
            throw new ParseError(
                    clause.getStart().getStartIndex(), "this ALTER TABLE itself takes no consistency clause");
        }
        return settings;
    }

    /** What the table is told beyond H2's definition is no part of that. */
    private Statement createTable(
            CreateContext create, CreateTableContext table, @Nullable ConsistencyClauseContext clause, int from) {
        TableConsistencyContext consistency = tableConsistency(table);
        ShardingReader sharding = ShardingReader.of(create, table);
        Cut cut = sharding == null ? null : new Cut(sharding.start(), sharding.end());
        Statement statement =
                sql(create, asked(clause, from), text(from, cut, Cut.of(consistency), Cut.of(clause)), from);
        if ((consistency == null && sharding == null) || !(statement instanceof Statement.Sql sql)) {
            return statement;
        }
        Ladders ladders = consistency == null ? new Ladders(null, null) : ladders(consistency.tableLadders());
        return new Statement.TableSettings(
                sql,
                sql.tables().get(0),
                ladders.read,
                ladders.write,
                sharding == null ? null : sharding.sharded(),
                Rendering.createTable(
                        text(from, Cut.of(consistency), Cut.of(clause)), sql, ladders.read, ladders.write));
    }

    private Statement sql(H2StatementContext tree, @Nullable Asked asked, String text, int from) {
        Shape shape = Shape.of(tree);
        TableReader tables = new TableReader(lexed.tokens(), shape.runs() ? Use.WRITE : Use.READ);
        tables.visit(tree);
        TokenReader tokens = TokenReader.read(span(tree), tables.naming());
        if (tokens.refusedFunction().isPresent()) {
            return Refusals.refused(tokens.refusedFunction().get(), text);
        }
        return new Statement.Sql(
                text,
                shape.operation(),
                List.copyOf(tables.tables()),
                shape.traits(tokens.traits()),
                tokens.parameterCount(),
                structure(tree, tables, tokens, shape.runs(), from),
                List.copyOf(tables.needs()),
                asked);
    }

    private Structure structure(
            H2StatementContext tree, TableReader tables, TokenReader tokens, boolean isRun, int from) {
        DmlContext change = tree instanceof DmlStatementContext statement ? statement.dml() : null;
        if (change == null && !(tree instanceof QueryStatementContext) && !(tree instanceof ExplainContext)) {
            return Structure.NONE;
        }
        ConditionReader conditions = new ConditionReader(tokens);
        List<Structure.Block> blocks = new BlockReader(tables.uses(), conditions).blocks(tree, change);
        // the text that storage is given has no white space before it
        int base = from;
        while (Character.isWhitespace(lexed.text().charAt(base))) {
            base++;
        }
        return new Structure(
                blocks,
                change == null ? null : new ChangeReader(span(tree), tokens, conditions, base).change(change),
                isRun);
    }

    private static @Nullable TableConsistencyContext tableConsistency(CreateTableContext table) {
        List<TableConsistencyContext> found = table.tableConsistency();
        if (found.size() > 1) {
            throw new ParseError(
                    found.get(1).getStart().getStartIndex(), "WITH CONSISTENCY (READ …, WRITE …) stands twice");
        }
        return found.isEmpty() ? null : found.get(0);
    }

    private record Ladders(@Nullable Ladder read, @Nullable Ladder write) {}

    private static Ladders ladders(TableLaddersContext ladders) {
        Ladder read = null;
        Ladder write = null;
        for (TableLadderContext ladder : ladders.tableLadder()) {
            boolean isRead = ladder.scope.getType() == TunableSqlLexer.READ;
            if ((isRead ? read : write) != null) {
                throw new ParseError(ladder.getStart().getStartIndex(), ladder.scope.getText() + " stands twice");
            }
            if (isRead) {
                read = LadderReader.ladder(ladder.ladder());
            } else {
                write = LadderReader.ladder(ladder.ladder());
            }
        }
        return new Ladders(read, write);
    }

    @Override
    public Statement visitSetConsistency(SetConsistencyContext tree) {
        return visit(tree.consistencySetting());
    }

    @Override
    public Statement visitLadderSetting(LadderSettingContext tree) {
        Ladder ladder = LadderReader.ladder(tree.ladder());
        String scope = tree.scope == null ? "" : tree.scope.getText().toUpperCase(Locale.ROOT);
        return new Statement.SetConsistency(
                scope.isEmpty() ? null : Statement.SetConsistency.Scope.valueOf(scope),
                ladder,
                "SET CONSISTENCY " + (scope.isEmpty() ? "" : "FOR " + scope + " ") + "= " + ladder.text());
    }

    @Override
    public Statement visitDefaultSetting(DefaultSettingContext tree) {
        return new Statement.ResetConsistency("SET CONSISTENCY DEFAULT");
    }

    @Override
    public Statement visitTokenSetting(TokenSettingContext tree) {
        String token = Names.literal(tree.STRING().getSymbol());
        return new Statement.SetToken(token, "SET CONSISTENCY TOKEN '" + token.replace("'", "''") + "'");
    }

    @Override
    public Statement visitSetTransactionConsistency(SetTransactionConsistencyContext tree) {
        var rung = LadderReader.rung(tree.rung());
        return new Statement.SetTransactionConsistency(rung, "SET TRANSACTION CONSISTENCY " + rung.text());
    }

    @Override
    public Statement visitSetOther(SetOtherContext tree) {
        List<? extends Token> tokens = span(tree);
        String text = text(start);
        if (tree.USE() != null) {
            return new Statement.SessionSetting("SCHEMA", text);
        }
        TokenReader reader = TokenReader.read(tokens, new BitSet());
        return reader.refusedFunction()
                .<Statement>map(name -> Refusals.refused(name, text))
                .orElseGet(() -> Settings.read(tokens.subList(1, tokens.size()), text, lexed.text()));
    }

    @Override
    public Statement visitShowConsistency(ShowConsistencyContext tree) {
        String word = tree.what == null ? "DEFAULTS" : tree.what.getText().toUpperCase(Locale.ROOT);
        return new Statement.ShowConsistency(
                Statement.ShowConsistency.What.valueOf(word),
                tree.what == null ? "SHOW CONSISTENCY" : "SHOW CONSISTENCY " + word);
    }

    @Override
    public Statement visitRejectedWrite(RejectedWriteContext tree) {
        String verb = tree.verb.getText().toUpperCase(Locale.ROOT);
        Long id = null;
        if (tree.NUMBER() != null) {
            Token number = tree.NUMBER().getSymbol();
            try {
                id = Long.valueOf(number.getText());
            } catch (NumberFormatException e) {
                throw new ParseError(
                        number.getStartIndex(),
                        "found " + number.getText() + ", expected an id of TUNABLE.REJECTED_WRITES, or ALL");
            }
        }
        return new Statement.RejectedWrite(
                Statement.RejectedWrite.Action.valueOf(verb),
                id,
                verb + " REJECTED WRITE " + (id == null ? "ALL" : id.toString()));
    }

    @Override
    public Statement visitCheckReplicas(CheckReplicasContext tree) {
        TableUse table = tree.qualifiedName() == null ? null : Names.table(tree.qualifiedName(), Use.READ);
        return new Statement.CheckReplicas(
                table, table == null ? "CHECK REPLICAS" : "CHECK REPLICAS " + Names.text(table));
    }

    @Override
    public Statement visitBegin(BeginContext tree) {
        return new Statement.TransactionControl(Verb.BEGIN, null, "BEGIN");
    }

    @Override
    public Statement visitCommit(CommitContext tree) {
        return tree.name() == null
                ? new Statement.TransactionControl(Verb.COMMIT, null, "COMMIT")
                : Refusals.refused("COMMIT TRANSACTION name", text(start));
    }

    @Override
    public Statement visitRollback(RollbackContext tree) {
        if (tree.savepoint != null) {
            return Statement.TransactionControl.rollbackTo(Names.folded(tree.savepoint));
        }
        return tree.name().isEmpty()
                ? new Statement.TransactionControl(Verb.ROLLBACK, null, "ROLLBACK")
                : Refusals.refused("ROLLBACK TRANSACTION name", text(start));
    }

    @Override
    public Statement visitSavepoint(SavepointContext tree) {
        return Statement.TransactionControl.savepoint(Names.folded(tree.name()));
    }

    @Override
    public Statement visitRelease(ReleaseContext tree) {
        return Statement.TransactionControl.release(Names.folded(tree.name()));
    }

    @Override
    public Statement visitRefused(RefusedContext tree) {
        String first = tree.getStart().getText().toUpperCase(Locale.ROOT);
        if (first.equals("GRANT") || first.equals("REVOKE")) {
            requireNoClause(tree.consistencyClause());
            return UserReader.grant(span(tree));
        }
        Token next = lexed.tokens().get(tree.getStart().getTokenIndex() + 1);
        String both = first + " " + next.getText().toUpperCase(Locale.ROOT);
        boolean named = both.equals("PREPARE COMMIT") || both.equals("EXECUTE IMMEDIATE");
        return Refusals.refused(named ? both : first, text(start));
    }

    private @Nullable Asked asked(@Nullable ConsistencyClauseContext clause, int from) {
        Ladder ladder = clause == null ? null : LadderReader.ladder(clause.ladder());
        // a hint before the text that is passed on would be lost with it, so it counts as a clause
        boolean lost = false;
        String first = "the clause";
        for (Hint hint : hints) {
            if (ladder != null && !ladder.equals(hint.ladder())) {
                throw new ParseError(
                        hint.offset(),
                        "this hint asks for " + hint.ladder() + ", but " + first + " asks for " + ladder
                                + "; ask once, or the same");
            }
            ladder = hint.ladder();
            first = "another";
            lost |= hint.offset() < from;
        }
        if (ladder == null) {
            return null;
        }
        return new Asked(ladder, clause == null && !lost ? Source.HINT : Source.CLAUSE);
    }

    /** A part of the text that is ours: its first character and the one after its last. */
    private record Cut(int start, int end) {
        static @Nullable Cut of(@Nullable ParserRuleContext tree) {
            return tree == null
                    ? null
                    : new Cut(tree.getStart().getStartIndex(), tree.getStop().getStopIndex() + 1);
        }
    }

    private String text(int from, @Nullable ConsistencyClauseContext clause) {
        return text(from, Cut.of(clause));
    }

    /** The original from that character on, without what is ours, in its order. */
    private String text(int from, @Nullable Cut... cuts) {
        StringBuilder text = new StringBuilder(end - from);
        int at = from;
        for (Cut cut : cuts) {
            if (cut != null) {
                text.append(lexed.text(), at, cut.start);
                at = cut.end;
            }
        }
        return text.append(lexed.text(), at, end).toString().strip();
    }

    private List<? extends Token> span(ParserRuleContext tree) {
        return lexed.tokens()
                .subList(tree.getStart().getTokenIndex(), tree.getStop().getTokenIndex() + 1);
    }
}
