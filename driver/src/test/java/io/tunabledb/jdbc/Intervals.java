package io.tunabledb.jdbc;

import java.time.Duration;
import java.time.Period;
import org.h2.api.Interval;

/** What H2 gives for an INTERVAL as this driver gives it: the difference that is on purpose. */
final class Intervals {

    private Intervals() {}

    static Object ofTheJdk(Interval interval) {
        return interval.getQualifier().isYearMonth()
                ? Period.of((int) interval.getYears(), (int) interval.getMonths(), 0)
                : Duration.ofDays(interval.getDays())
                        .plusHours(interval.getHours())
                        .plusMinutes(interval.getMinutes())
                        .plusSeconds(interval.getSeconds())
                        .plusNanos(interval.getNanosOfSecond());
    }

    static String className(String name, String typeName) {
        Class<?> ofTheJdk = typeName.matches("INTERVAL (YEAR|MONTH).*") ? Period.class : Duration.class;
        return name.equals(Interval.class.getName()) ? ofTheJdk.getName() : name;
    }
}
