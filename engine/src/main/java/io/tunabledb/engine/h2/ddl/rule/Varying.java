package io.tunabledb.engine.h2.ddl.rule;

import io.tunabledb.engine.h2.internals.CompiledParts;
import io.tunabledb.engine.h2.internals.CompiledParts.Part;
import io.tunabledb.engine.h2.internals.H2Tree;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sql.ReservedNames;
import java.util.EnumSet;
import java.util.Set;
import org.h2.command.query.ForUpdate;
import org.h2.command.query.Query;
import org.h2.command.query.Select;
import org.h2.expression.Alias;
import org.h2.expression.ArrayElementReference;
import org.h2.expression.BinaryOperation;
import org.h2.expression.CompatibilityDatePlusTimeOperation;
import org.h2.expression.ConcatenationOperation;
import org.h2.expression.DomainValueExpression;
import org.h2.expression.Expression;
import org.h2.expression.ExpressionColumn;
import org.h2.expression.ExpressionList;
import org.h2.expression.ExpressionVisitor;
import org.h2.expression.FieldReference;
import org.h2.expression.Format;
import org.h2.expression.IntervalOperation;
import org.h2.expression.Rownum;
import org.h2.expression.SearchedCase;
import org.h2.expression.SequenceValue;
import org.h2.expression.SimpleCase;
import org.h2.expression.Subquery;
import org.h2.expression.TimeZoneOperation;
import org.h2.expression.TypedValueExpression;
import org.h2.expression.UnaryOperation;
import org.h2.expression.ValueExpression;
import org.h2.expression.Variable;
import org.h2.expression.Wildcard;
import org.h2.expression.aggregate.Aggregate;
import org.h2.expression.aggregate.AggregateType;
import org.h2.expression.analysis.DataAnalysisOperation;
import org.h2.expression.analysis.Window;
import org.h2.expression.function.ArrayFunction;
import org.h2.expression.function.BitFunction;
import org.h2.expression.function.CardinalityExpression;
import org.h2.expression.function.CastSpecification;
import org.h2.expression.function.CoalesceFunction;
import org.h2.expression.function.CompressFunction;
import org.h2.expression.function.ConcatFunction;
import org.h2.expression.function.CryptFunction;
import org.h2.expression.function.DateTimeFormatFunction;
import org.h2.expression.function.DateTimeFunction;
import org.h2.expression.function.DayMonthNameFunction;
import org.h2.expression.function.GCDFunction;
import org.h2.expression.function.HashFunction;
import org.h2.expression.function.JsonConstructorFunction;
import org.h2.expression.function.LengthFunction;
import org.h2.expression.function.MathFunction;
import org.h2.expression.function.MathFunction1;
import org.h2.expression.function.MathFunction2;
import org.h2.expression.function.NamedExpression;
import org.h2.expression.function.NullIfFunction;
import org.h2.expression.function.RegexpFunction;
import org.h2.expression.function.SignalFunction;
import org.h2.expression.function.SoundexFunction;
import org.h2.expression.function.StringFunction;
import org.h2.expression.function.StringFunction1;
import org.h2.expression.function.StringFunction2;
import org.h2.expression.function.SubstringFunction;
import org.h2.expression.function.SysInfoFunction;
import org.h2.expression.function.ToCharFunction;
import org.h2.expression.function.TrimFunction;
import org.h2.expression.function.TruncateValueFunction;
import org.h2.expression.function.XMLFunction;
import org.h2.expression.function.table.ArrayTableFunction;
import org.h2.expression.function.table.TableFunction;
import org.h2.mode.ModeFunction;
import org.h2.mvstore.db.MVTable;
import org.h2.schema.Sequence;
import org.h2.table.DualTable;
import org.h2.table.FunctionTable;
import org.h2.table.QueryExpressionTable;
import org.h2.table.RangeTable;
import org.h2.table.ShadowTable;
import org.h2.table.Table;
import org.h2.table.TableValueConstructorTable;
import org.h2.table.TableView;
import org.h2.value.TypeInfo;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * What in an expression could have another value on another replica that computes it: clock, chance, the session, what a
 * replica alone knows of itself, and what rests on the order of rows. It is a list of what is the same everywhere, so a
 * function that nobody has looked at varies.
 */
final class Varying {
    private static final Set<Class<? extends Expression>> SAME = Set.of(
            Alias.class,
            ArrayElementReference.class,
            ArrayFunction.class,
            BinaryOperation.class,
            BitFunction.class,
            CardinalityExpression.class,
            CastSpecification.class,
            CoalesceFunction.class,
            CompatibilityDatePlusTimeOperation.class,
            CompressFunction.class,
            ConcatFunction.class,
            ConcatenationOperation.class,
            CryptFunction.class,
            DateTimeFormatFunction.class,
            DateTimeFunction.class,
            DayMonthNameFunction.class,
            DomainValueExpression.class,
            ExpressionColumn.class,
            ExpressionList.class,
            FieldReference.class,
            Format.class,
            GCDFunction.class,
            HashFunction.class,
            IntervalOperation.class,
            JsonConstructorFunction.class,
            LengthFunction.class,
            MathFunction.class,
            MathFunction1.class,
            MathFunction2.class,
            NullIfFunction.class,
            RegexpFunction.class,
            SearchedCase.class,
            SignalFunction.class,
            SimpleCase.class,
            SoundexFunction.class,
            StringFunction.class,
            StringFunction1.class,
            StringFunction2.class,
            Subquery.class,
            SubstringFunction.class,
            TimeZoneOperation.class, // the zone is the definition's
            ToCharFunction.class,
            TrimFunction.class,
            TruncateValueFunction.class,
            TypedValueExpression.class,
            UnaryOperation.class,
            ValueExpression.class,
            Wildcard.class,
            XMLFunction.class);

    /** Their result does not depend on the order of rows. Sums and averages need a look at what is added. */
    private static final Set<AggregateType> UNORDERED = EnumSet.of(
            AggregateType.COUNT_ALL,
            AggregateType.COUNT,
            AggregateType.ANY,
            AggregateType.EVERY,
            AggregateType.BIT_AND_AGG,
            AggregateType.BIT_OR_AGG,
            AggregateType.BIT_XOR_AGG,
            AggregateType.BIT_NAND_AGG,
            AggregateType.BIT_NOR_AGG,
            AggregateType.BIT_XNOR_AGG,
            AggregateType.GCD_AGG,
            AggregateType.LCM_AGG,
            AggregateType.REGR_COUNT);

    private Varying() {}

    /** What varies in {@code root} and how it is reached, as an error says it; null when nothing does. */
    static @Nullable String in(@Nullable Object root) {
        for (Part part : CompiledParts.of(root)) {
            String what = varying(part.what());
            if (what != null) {
                return part.via() == null ? what : what + " (through " + part.via() + ")";
            }
        }
        return null;
    }

    /** Whether converting between two types asks the clock: a time of day becomes a timestamp of today. */
    static boolean dependsOnToday(@Nullable TypeInfo from, @Nullable TypeInfo to) {
        return isTime(from) && isTimestamp(to);
    }

    private static boolean isTime(@Nullable TypeInfo type) {
        return type != null && (type.getValueType() == Value.TIME || type.getValueType() == Value.TIME_TZ);
    }

    private static boolean isTimestamp(@Nullable TypeInfo type) {
        return type != null && (type.getValueType() == Value.TIMESTAMP || type.getValueType() == Value.TIMESTAMP_TZ);
    }

    private static @Nullable String varying(Object part) {
        if (part instanceof Table table) {
            return ofTable(table);
        }
        if (part instanceof Query query) {
            return ofQuery(query);
        }
        if (part instanceof TableFunction function) {
            return function instanceof ArrayTableFunction ? null : function.getName();
        }
        if (part instanceof Sequence sequence) {
            return "the value of sequence " + sequence.getName();
        }
        return part instanceof Expression expression ? ofExpression(expression) : null;
    }

    private static @Nullable String ofTable(Table table) {
        String schema = table.getSchema() == null ? "" : table.getSchema().getName();
        if (ReservedNames.isOwn(schema)) {
            return schema + "." + table.getName();
        }
        if (table instanceof TableView view && view.isInvalid()) {
            return "view " + Tables.nameOf(view) + ", which is not valid,";
        }
        boolean same = table instanceof QueryExpressionTable
                || table instanceof DualTable
                || table instanceof FunctionTable
                || table instanceof RangeTable
                || table instanceof ShadowTable
                || table instanceof TableValueConstructorTable
                || (table instanceof MVTable rows && (!rows.isTemporary() || rows.isGlobalTemporary()));
        return same ? null : schema + "." + table.getName();
    }

    private static @Nullable String ofQuery(Query query) {
        if (query.getFetch() != null || query.getOffset() != null) {
            return "which rows LIMIT, OFFSET and FETCH take";
        }
        if (EqualValues.chooses(query)) {
            return "which of equal values that don't look alike DISTINCT, GROUP BY or a set operation takes";
        }
        if (query instanceof Select select) {
            ForUpdate lock = select.getForUpdate();
            if (lock != null) {
                return "FOR UPDATE";
            }
            if (H2Tree.DISTINCT_ON.of(select, Expression[].class) != null) {
                return "which rows DISTINCT ON takes";
            }
        }
        return null;
    }

    private static @Nullable String ofExpression(Expression expression) {
        if (expression instanceof Aggregate aggregate) {
            return ofAggregate(aggregate);
        }
        if (expression instanceof DataAnalysisOperation) {
            return "a window function, whose value may rest on the order of rows,";
        }
        if (mixesTimes(expression)) {
            return "today, which a TIME is given when it becomes a TIMESTAMP,";
        }
        String localized = Localized.in(expression);
        if (localized != null) {
            return localized;
        }
        if (expression instanceof SysInfoFunction info && info.getName().equals("H2VERSION")) {
            return null;
        }
        if (expression instanceof ModeFunction function
                && function.isEverything(ExpressionVisitor.DETERMINISTIC_VISITOR)) {
            return null;
        }
        Class<?> type = expression.getClass();
        if (SAME.contains(type) || type.getPackageName().equals("org.h2.expression.condition")) {
            return null;
        }
        return name(expression);
    }

    /** H2 gives the time today's date, whether it converts or compares. */
    private static boolean mixesTimes(Expression expression) {
        if (expression instanceof CompatibilityDatePlusTimeOperation || expression instanceof DateTimeFunction) {
            return false;
        }
        boolean time = false;
        boolean timestamp = isTimestamp(type(expression));
        for (int i = 0; i < expression.getSubexpressionCount(); i++) {
            TypeInfo type = type(expression.getSubexpression(i));
            time |= isTime(type);
            timestamp |= isTimestamp(type);
        }
        return time && timestamp;
    }

    private static @Nullable String ofAggregate(Aggregate aggregate) {
        AggregateType type = aggregate.getAggregateType();
        if (H2Tree.OVER.of(aggregate, Window.class) != null) {
            return "a window function, whose value may rest on the order of rows,";
        }
        if (type == AggregateType.MIN || type == AggregateType.MAX) {
            return EqualValues.isExact(aggregate.getSubexpression(0))
                    ? null
                    : type + ", of equal values that don't look alike,";
        }
        if (UNORDERED.contains(type)) {
            return null;
        }
        if (type == AggregateType.SUM || type == AggregateType.AVG) {
            TypeInfo added = type(aggregate.getSubexpression(0));
            if (added != null && isAddedExactly(added.getValueType())) {
                return null;
            }
        }
        return type + ", whose value may rest on the order of rows,";
    }

    /** Null for what is parsed and not compiled yet, as new generated columns are. */
    private static @Nullable TypeInfo type(Expression expression) {
        try {
            return expression.getType();
        } catch (RuntimeException e) {
            return null;
        }
    }

    private static boolean isAddedExactly(int type) {
        return switch (type) {
            case Value.BOOLEAN, Value.TINYINT, Value.SMALLINT, Value.INTEGER, Value.BIGINT, Value.NUMERIC -> true;
            default -> false;
        };
    }

    private static String name(Expression expression) {
        if (expression instanceof Rownum) {
            return "ROWNUM";
        }
        if (expression instanceof Variable variable) {
            return "variable @" + variable.getName();
        }
        if (expression instanceof SequenceValue) {
            return expression.getTraceSQL();
        }
        return expression instanceof NamedExpression named
                ? named.getName()
                : expression.getClass().getSimpleName();
    }
}
