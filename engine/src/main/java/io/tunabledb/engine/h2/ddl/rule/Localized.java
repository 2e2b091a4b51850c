package io.tunabledb.engine.h2.ddl.rule;

import io.tunabledb.engine.h2.internals.CompiledParts;
import io.tunabledb.engine.h2.internals.H2Tree;
import io.tunabledb.engine.h2.sql.SqlTokens;
import java.util.Set;
import java.util.regex.Pattern;
import org.h2.expression.Expression;
import org.h2.expression.ValueExpression;
import org.h2.expression.function.DateTimeFormatFunction;
import org.h2.expression.function.DateTimeFunction;
import org.h2.expression.function.ToCharFunction;
import org.h2.mode.ModeFunction;
import org.h2.value.DataType;
import org.h2.value.TypeInfo;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * What in an expression H2 computes by the locale of the JVM: names of months and days, where a week begins, signs in
 * numbers. A replica that is started elsewhere, and applies its log again, would come to another value. The letters of
 * UPPER and LOWER do too, but only in a few languages, and a database keeps to those it was made in.
 */
final class Localized {
    /** Of TO_CHAR and its like: digits, signs and fields that are numbers. */
    private static final Pattern NUMBERS =
            Pattern.compile("(?:Y{1,4}|R{2,4}|MM|DDD?|HH(?:24|12)?|MI|S{2,5}|FF[0-9]?|Q|J|[-/., :;0-9SX]|\"[^\"]*\")*");
    /** Of FORMATDATETIME and PARSEDATETIME: the same. */
    private static final Pattern FIELDS =
            Pattern.compile("(?:[yudDHhkKmsSnANXx]|(?<!M)M{1,2}(?!M)|[-/., :0-9]|'[^']*')*");

    private static final Set<Integer> WEEKS =
            Set.of(DateTimeFunction.DAY_OF_WEEK, DateTimeFunction.WEEK, DateTimeFunction.WEEK_YEAR);
    private static final Set<String> READ = Set.of("TO_DATE", "TO_TIMESTAMP", "TO_TIMESTAMP_TZ");
    /** How a text asks for any of them. */
    private static final Set<String> WORDS = Set.of(
            "DAYOFWEEK",
            "DAY_OF_WEEK",
            "FORMATDATETIME",
            "PARSEDATETIME",
            "TO_CHAR",
            "TO_DATE",
            "TO_TIMESTAMP",
            "TO_TIMESTAMP_TZ",
            "WEEK",
            "WEEK_YEAR");

    private Localized() {}

    /** How an error calls it; null when the expression itself has the same value in every locale. */
    static @Nullable String in(Expression expression) {
        if (isLocalized(expression)) {
            return expression.getTraceSQL() + ", which goes by the locale of the JVM,";
        }
        return null;
    }

    /** How many a text asks for that may be. Some of them H2 replaces by their values when it reads it. */
    static long asked(String sql) {
        return SqlTokens.of(sql).stream()
                .filter(token -> !token.quoted() && WORDS.contains(token.text()))
                .count();
    }

    /** How many of them are still there in what it was compiled to. */
    static long compiled(@Nullable Object root) {
        return CompiledParts.of(root).stream()
                .map(CompiledParts.Part::what)
                .filter(part -> part instanceof Expression expression && mayBe(expression))
                .count();
    }

    private static boolean mayBe(Expression expression) {
        return (expression instanceof DateTimeFunction && isOfWeeks(expression))
                || expression instanceof DateTimeFormatFunction
                || expression instanceof ToCharFunction
                || (expression instanceof ModeFunction function && READ.contains(function.getName()));
    }

    private static boolean isOfWeeks(Expression function) {
        return WEEKS.contains(H2Tree.DATE_FIELD.of(function, Integer.class));
    }

    private static boolean isLocalized(Expression expression) {
        if (expression instanceof DateTimeFunction) {
            // to add a week is to add seven days
            return isOfWeeks(expression)
                    && !Integer.valueOf(DateTimeFunction.DATEADD)
                            .equals(H2Tree.DATE_FUNCTION.of(expression, Integer.class));
        }
        if (expression instanceof DateTimeFormatFunction) {
            // the third argument is the locale
            return constant(expression, 2) == null && !matches(FIELDS, constant(expression, 1));
        }
        if (expression instanceof ToCharFunction) {
            return expression.getSubexpressionCount() > 1
                    ? !matches(NUMBERS, constant(expression, 1))
                    : isDateTime(expression.getSubexpression(0));
        }
        return expression instanceof ModeFunction function
                && READ.contains(function.getName())
                && !matches(NUMBERS, constant(expression, 1));
    }

    private static boolean isDateTime(Expression argument) {
        TypeInfo type = argument.getType();
        return type == null || DataType.isDateTimeType(type.getValueType());
    }

    private static boolean matches(Pattern pattern, @Nullable String format) {
        return format != null && pattern.matcher(format).matches();
    }

    private static @Nullable String constant(Expression function, int argument) {
        if (argument < function.getSubexpressionCount()
                && function.getSubexpression(argument) instanceof ValueExpression value) {
            Value constant = value.getValue(null);
            return constant.getString();
        }
        return null;
    }
}
