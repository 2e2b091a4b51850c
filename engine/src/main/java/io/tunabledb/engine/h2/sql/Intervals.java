package io.tunabledb.engine.h2.sql;

import java.math.BigInteger;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Period;
import org.h2.api.ErrorCode;
import org.h2.api.Interval;

/**
 * INTERVAL values as the JDK has them: a {@link Period} of years and months, a {@link Duration} of anything less. H2 gives
 * objects of a class of its own, which an application can't name where H2 is relocated.
 */
public final class Intervals {
    private static final String OUT_OF_RANGE = "22003";
    private static final BigInteger HOURS_PER_DAY = BigInteger.valueOf(24);
    private static final BigInteger SIXTY = BigInteger.valueOf(60);

    private Intervals() {}

    /** The same, which is of the JDK's class if it is an interval. */
    public static Object toJdk(Object value) throws SQLException {
        return value instanceof Interval interval ? toJdk(interval) : value;
    }

    private static Object toJdk(Interval interval) throws SQLException {
        try {
            return interval.getQualifier().isYearMonth() ? period(interval) : duration(interval);
        } catch (ArithmeticException e) {
            throw new SQLDataException(
                    interval + " has more years, months or seconds than a "
                            + (interval.getQualifier().isYearMonth() ? "java.time.Period" : "java.time.Duration")
                            + " can hold; read it with getString",
                    OUT_OF_RANGE,
                    ErrorCode.NUMERIC_VALUE_OUT_OF_RANGE_1,
                    e);
        }
    }

    private static Period period(Interval interval) {
        return Period.of(Math.toIntExact(interval.getYears()), Math.toIntExact(interval.getMonths()), 0);
    }

    /** H2's own way to a Duration overflows without a word. */
    private static Duration duration(Interval interval) {
        BigInteger seconds = BigInteger.valueOf(interval.getDays())
                .multiply(HOURS_PER_DAY)
                .add(BigInteger.valueOf(interval.getHours()))
                .multiply(SIXTY)
                .add(BigInteger.valueOf(interval.getMinutes()))
                .multiply(SIXTY)
                .add(BigInteger.valueOf(interval.getSeconds()));
        return Duration.ofSeconds(seconds.longValueExact(), interval.getNanosOfSecond());
    }

    /** The class of such values. */
    public static String className(String className, String typeName) {
        if (!className.equals(Interval.class.getName())) {
            return className;
        }
        // as in INTERVAL YEAR TO MONTH
        return typeName.contains("YEAR") || typeName.endsWith("MONTH")
                ? Period.class.getName()
                : Duration.class.getName();
    }
}
