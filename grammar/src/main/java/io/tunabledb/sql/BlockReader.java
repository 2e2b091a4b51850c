package io.tunabledb.sql;

import io.tunabledb.sql.Statement.TableUse;
import io.tunabledb.sql.Structure.Block;
import io.tunabledb.sql.Structure.Column;
import io.tunabledb.sql.Structure.Condition;
import io.tunabledb.sql.Structure.Occurrence;
import io.tunabledb.sql.Structure.Restriction;
import io.tunabledb.sql.parser.TunableSqlLexer;
import io.tunabledb.sql.parser.TunableSqlParser.*;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.tree.ParseTree;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.jspecify.annotations.Nullable;

/** Finds the query blocks of a statement: the tables of each FROM, and what restricts them. */
final class BlockReader {
    private static final int NONE = -1;

    private final Map<Integer, TableUse> left;
    private final ConditionReader conditions;
    private final List<Draft> drafts = new ArrayList<>();
    /** Blocks with names that are not of tables: they may hide those of the blocks around. */
    private final BitSet hiding = new BitSet();

    private record Draft(int outer, List<Occurrence> tables, List<Restriction> restrictions) {}

    /** A JOIN that waits for its ON. */
    private record Join(JoinContext tree, int from) {}

    /**
     * A reader of one statement.
     *
     * @param uses every use of a table, by the index of the token it begins with
     */
    BlockReader(Map<Integer, TableUse> uses, ConditionReader conditions) {
        this.left = new TreeMap<>(uses);
        this.conditions = conditions;
    }

    /** Every use of a table is in one of them; the target of an INSERT, REPLACE or MERGE is not. */
    List<Block> blocks(ParserRuleContext statement, @Nullable DmlContext change) {
        QualifiedNameContext target = ChangeReader.givenRows(change);
        if (target != null) {
            left.remove(target.getStart().getTokenIndex());
        }
        walk(statement, NONE);
        for (TableUse use : left.values()) {
            drafts.add(new Draft(NONE, List.of(new Occurrence(use, use.name(), false)), List.of()));
        }
        List<Block> blocks = new ArrayList<>(drafts.size());
        for (Draft draft : drafts) {
            blocks.add(new Block(hiding.get(blocks.size()) ? NONE : draft.outer, draft.tables, draft.restrictions));
        }
        return blocks;
    }

    /** What lies between queries takes no call, because brackets may nest deep. */
    private void walk(ParseTree tree, int outer) {
        Deque<ParseTree> open = new ArrayDeque<>();
        open.push(tree);
        while (!open.isEmpty()) {
            ParseTree at = open.pop();
            if (at instanceof SelectContext select) {
                select(select, outer);
            } else if (at instanceof UpdateContext update) {
                update(update);
            } else if (at instanceof DeleteContext delete) {
                delete(delete);
            } else if (at instanceof TailContext && outer != NONE) {
                // what stands behind a query belongs to a block that has been left
                walk(at, NONE);
            } else {
                for (int i = at.getChildCount() - 1; i >= 0; i--) {
                    if (!(at.getChild(i) instanceof TerminalNode)) {
                        open.push(at.getChild(i));
                    }
                }
            }
        }
    }

    private int begin(int outer) {
        drafts.add(new Draft(outer, new ArrayList<>(), new ArrayList<>()));
        return drafts.size() - 1;
    }

    private void select(SelectContext select, int outer) {
        int block = begin(outer);
        if (select.fromList() != null) {
            select.fromList().tableReference().forEach(reference -> reference(reference, block, true));
        }
        where(select.where, block);
        select.list().forEach(list -> walk(list, block));
    }

    private void update(UpdateContext update) {
        int block = begin(NONE);
        occurrence(update.qualifiedName(), update.suffix(), block, update.fromList() == null);
        where(update.where, block);
        update.list().forEach(list -> walk(list, block));
        if (update.fromList() != null) {
            walk(update.fromList(), NONE);
        }
        update.tail().forEach(tail -> walk(tail, NONE));
    }

    private void delete(DeleteContext delete) {
        int block = begin(NONE);
        occurrence(delete.qualifiedName(), delete.suffix(), block, true);
        where(delete.where, block);
        if (delete.where != null) {
            walk(delete.where, block);
        }
        delete.tail().forEach(tail -> walk(tail, NONE));
    }

    private void where(@Nullable ListContext where, int block) {
        if (where != null) {
            restrict(block, conditions.condition(where.children), 0, size(block));
        }
    }

    private void restrict(int block, @Nullable Condition condition, int from, int to) {
        if (condition != null && from < to) {
            drafts.get(block).restrictions.add(new Restriction(condition, from, to));
        }
    }

    private int size(int block) {
        return drafts.get(block).tables.size();
    }

    /**
     * A table and what is joined to it. An ON belongs to the last JOIN without one; what is joined since is its right
     * side.
     */
    private void reference(TableReferenceContext tree, int block, boolean isPlain) {
        int start = size(block);
        Deque<Join> open = new ArrayDeque<>();
        primary(tree.tablePrimary(), block, isPlain);
        for (JoinPartContext part : tree.joinPart()) {
            if (part instanceof JoinContext join) {
                int from = size(block);
                primary(join.tablePrimary(), block, isPlain);
                if (join.NATURAL() == null && join.CROSS() == null) {
                    open.push(new Join(join, from));
                }
                continue;
            }
            Join join = open.poll();
            if (join != null) {
                int leftFrom = open.isEmpty() ? start : open.element().from;
                joined(join, leftFrom, condition(part, join, leftFrom, block), block);
            }
            if (part instanceof JoinOnContext on) {
                walk(on.run(), block);
            }
        }
    }

    private @Nullable Condition condition(JoinPartContext part, Join join, int leftFrom, int block) {
        if (part instanceof JoinOnContext on) {
            return conditions.condition(on.run().children);
        }
        List<Occurrence> tables = drafts.get(block).tables;
        boolean isPair = join.from - leftFrom == 1 && tables.size() - join.from == 1;
        if (!isPair || !(part instanceof JoinUsingContext using)) {
            return null;
        }
        List<Condition> same = new ArrayList<>();
        for (List<ParseTree> element : Trees.elements(using.group())) {
            Column column = ConditionReader.column(element);
            if (column != null) {
                same.add(new Condition.Same(
                        new Column(tables.get(leftFrom).qualifier(), column.name()),
                        new Column(tables.get(join.from).qualifier(), column.name())));
            }
        }
        return same.isEmpty() ? null : new Condition.And(same);
    }

    /** Rows of the side an outer join keeps matter whether the condition holds or not. */
    private void joined(Join join, int leftFrom, @Nullable Condition condition, int block) {
        int from = leftFrom;
        int to = size(block);
        if (join.tree.FULL() != null) {
            return;
        }
        if (join.tree.LEFT() != null) {
            from = join.from;
        } else if (join.tree.RIGHT() != null) {
            to = join.from;
        }
        restrict(block, condition, from, to);
    }

    private void primary(TablePrimaryContext tree, int block, boolean isPlain) {
        if (tree instanceof NamedTableContext named) {
            if (left.containsKey(named.getStart().getTokenIndex())) {
                occurrence(named.qualifiedName(), named.suffix(), block, isPlain);
            } else {
                hiding.set(block);
                walk(named.suffix(), NONE);
            }
        } else if (tree instanceof EscapedJoinContext escaped) {
            reference(escaped.tableReference(), block, isPlain);
        } else if (tree instanceof NestedTableContext nested && nested.fromList() != null) {
            hiding.set(block, hiding.get(block) || nested.suffix().getChildCount() > 0);
            boolean inside =
                    isPlain && nested.tail().isEmpty() && nested.suffix().getChildCount() == 0;
            nested.fromList().tableReference().forEach(reference -> reference(reference, block, inside));
            nested.tail().forEach(tail -> walk(tail, NONE));
        } else {
            hiding.set(block);
            walk(tree, NONE);
        }
    }

    private void occurrence(QualifiedNameContext name, SuffixContext suffix, int block, boolean isPlain) {
        TableUse use = left.remove(name.getStart().getTokenIndex());
        if (use == null) {
            throw new IllegalStateException("no table: " + name.getText());
        }
        List<NameContext> alias = suffix.name();
        boolean isAlias = alias.size() <= 1
                && suffix.getChildCount() <= 2
                && (suffix.getChildCount() < 2 || suffix.getStart().getType() == TunableSqlLexer.AS)
                && suffix.group().isEmpty();
        String qualifier = isAlias && alias.size() == 1 ? Names.folded(alias.get(0)) : use.name();
        hiding.set(block, hiding.get(block) || !isAlias);
        drafts.get(block).tables.add(new Occurrence(use, qualifier, isPlain && isAlias));
        walk(suffix, NONE);
    }
}
