package io.tunabledb.engine.h2.internals;

import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.h2.command.Parser;
import org.h2.engine.SessionLocal;
import org.h2.expression.Expression;
import org.h2.table.ColumnResolver;
import org.h2.util.HasSQL;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * An expression of the schema that queries, compiled for itself by each session that computes it. H2 compiles it once, for
 * everybody, and what it compiles keeps in itself what it groups, where its cursors stand, what it gave last and which session
 * came first: two sessions at a time would get each other's rows, and once that first one is closed H2 takes the database for
 * closed (90098). In everything else it is the expression as declared.
 */
final class SessionExpression extends ForwardingExpression {
    /** More sessions than that at a time compile it again and again, which is slower and as right. */
    private static final int MOST_KEPT = 256;

    private final Supplier<@Nullable ColumnResolver> row;
    private final boolean isDomainCheck;
    /** Each is used by its session's thread alone. Guarded by itself. */
    private final Map<SessionLocal, Own> own = new LinkedHashMap<>(4, 0.75f, true);

    /** One session's, good as long as the schema is this. */
    private record Own(long schema, Expression compiled) {}

    /**
     * The expression.
     *
     * @param declared as H2 has compiled it
     * @param row what its columns are those of; gives null if it has none
     * @param isDomainCheck whether VALUE is what it is computed for
     */
    SessionExpression(Expression declared, Supplier<@Nullable ColumnResolver> row, boolean isDomainCheck) {
        super(declared);
        this.row = row;
        this.isDomainCheck = isDomainCheck;
    }

    @Override
    public Value getValue(SessionLocal session) {
        return of(session).getValue(session);
    }

    private Expression of(SessionLocal session) {
        long schema = session.getDatabase().getModificationMetaId();
        synchronized (own) {
            Own known = own.get(session);
            if (known != null && known.schema == schema) {
                return known.compiled;
            }
        }
        Expression compiled = compile(session);
        synchronized (own) {
            own.keySet().removeIf(SessionLocal::isClosed);
            own.put(session, new Own(schema, compiled));
            if (own.size() > MOST_KEPT) {
                own.remove(own.keySet().iterator().next());
            }
        }
        return compiled;
    }

    /** From the text that snapshots have too, in which names are whole and quoted; the session's settings do not matter. */
    private Expression compile(SessionLocal session) {
        BitSet nonKeywords = session.getNonKeywords();
        session.setNonKeywords(null);
        try {
            Parser parser = new Parser(session);
            parser.setRightsChecked(true);
            String sql = declared().getSQL(HasSQL.DEFAULT_SQL_FLAGS);
            Expression parsed =
                    isDomainCheck ? parser.parseDomainConstraintExpression(sql) : parser.parseExpression(sql);
            ColumnResolver columns = row.get();
            if (columns != null) {
                parsed.mapColumns(columns, 0, Expression.MAP_INITIAL);
            }
            return parsed.optimize(session);
        } finally {
            session.setNonKeywords(nonKeywords);
        }
    }
}
