package io.tunabledb.sql;

import io.tunabledb.consistency.Operation;
import io.tunabledb.sql.Statement.Trait;
import io.tunabledb.sql.parser.TunableSqlParser.*;
import java.util.EnumSet;
import java.util.Set;

/**
 * What kind of H2 statement it is.
 *
 * @param operation what it does
 * @param runs false when it is only explained
 * @param own the traits that its shape gives it
 */
record Shape(Operation operation, boolean runs, Set<Trait> own) {
    private static final Shape DEFINITION = new Shape(Operation.DDL, true, Set.of());
    private static final Shape READ = new Shape(Operation.SELECT, true, Set.of());

    static Shape of(H2StatementContext tree) {
        if (tree instanceof QueryStatementContext
                || tree instanceof CallContext
                || tree instanceof ShowContext
                || tree instanceof HelpContext) {
            return READ;
        }
        if (tree instanceof DmlStatementContext change) {
            return new Shape(operation(change.dml()), true, Set.of());
        }
        if (tree instanceof ExplainContext explain) {
            boolean runs = explain.ANALYZE() != null;
            return runs && explain.dml() != null
                    ? new Shape(operation(explain.dml()), true, Set.of())
                    : new Shape(Operation.SELECT, runs, Set.of());
        }
        if (tree instanceof TruncateContext) {
            return new Shape(Operation.DDL, true, Set.of(Trait.TRUNCATES));
        }
        if (tree instanceof DropContext) {
            return new Shape(Operation.DDL, true, Set.of(Trait.DROPS));
        }
        return tree instanceof CreateContext create ? of(create) : DEFINITION;
    }

    private static Shape of(CreateContext create) {
        Set<Trait> traits = EnumSet.of(Trait.CREATES);
        if (create.createObject() instanceof CreateTableContext table && table.query() != null) {
            traits.add(Trait.CREATE_AS_SELECT);
        }
        if (create.createWord().stream().anyMatch(word -> word.LOCAL() != null)) {
            traits.add(Trait.LOCAL_TEMPORARY);
        }
        return new Shape(Operation.DDL, true, traits);
    }

    private static Operation operation(DmlContext change) {
        if (change instanceof InsertContext) {
            return Operation.INSERT;
        }
        if (change instanceof UpdateContext) {
            return Operation.UPDATE;
        }
        return change instanceof DeleteContext ? Operation.DELETE : Operation.MERGE;
    }

    /** Its own traits and, of those its tokens show, the ones that matter to its operation. */
    Set<Trait> traits(Set<Trait> shown) {
        Set<Trait> traits = EnumSet.noneOf(Trait.class);
        traits.addAll(own);
        traits.addAll(shown);
        if (!operation.isRead() || !runs) {
            traits.remove(Trait.READ_WITH_EFFECT);
            traits.remove(Trait.LOCKS_ROWS);
        }
        return traits;
    }
}
