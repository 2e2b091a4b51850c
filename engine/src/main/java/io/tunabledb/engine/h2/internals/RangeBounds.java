package io.tunabledb.engine.h2.internals;

import io.tunabledb.engine.api.PrivateMethod;
import java.lang.reflect.InvocationTargetException;
import org.h2.constraint.Constraint;
import org.h2.constraint.ConstraintCheck;
import org.h2.constraint.ConstraintDomain;
import org.h2.engine.SessionLocal;
import org.h2.expression.Expression;
import org.h2.table.RangeTable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bounds of SYSTEM_RANGE, which H2 works out when a query first needs them: on the leader, that is, and then it shows the
 * query with what they came to. So what is compared between replicas is worked out first.
 */
public final class RangeBounds {
    private static final Logger LOG = LoggerFactory.getLogger(RangeBounds.class);
    private static final PrivateMethod OPTIMIZE = PrivateMethod.of(RangeTable.class, "optimize", SessionLocal.class);

    private RangeBounds() {}

    /** Those in a check. */
    public static void settle(Constraint constraint) {
        if (constraint instanceof ConstraintCheck check) {
            settle(check.getExpression());
        } else if (constraint instanceof ConstraintDomain check) {
            settle(check.getExpression());
        }
    }

    /** Those in an expression. */
    public static void settle(Expression expression) {
        for (CompiledParts.Part part : CompiledParts.of(expression)) {
            if (part.what() instanceof RangeTable range) {
                try {
                    OPTIMIZE.call(range, range.getDatabase().getSystemSession());
                } catch (InvocationTargetException e) {
                    // then no query could either, and it is shown as it is
                    LOG.debug("H2 can't work out the bounds of {}", range, e);
                }
            }
        }
    }
}
