package io.tunabledb.engine.h2.gather;

import io.tunabledb.engine.h2.gather.plan.PartialTypes;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.h2.engine.SessionLocal;
import org.h2.value.TypeInfo;
import org.h2.value.Value;
import org.h2.value.ValueDecfloat;
import org.h2.value.ValueDouble;
import org.h2.value.ValueNull;
import org.h2.value.ValueNumeric;
import org.h2.value.ValueRow;

/**
 * AVG of groups whose rows are in several shards: sums and counts added up, and divided as H2 divides, so that the last digit
 * is the same. Sums are exact: of integers, or decimal with as many digits as they need.
 */
final class Averages {
    private final PartialTypes types;
    private final SessionLocal session;

    Averages(PartialTypes types, SessionLocal session) {
        this.types = types;
        this.session = session;
    }

    private static final class Total {
        private BigDecimal sum = BigDecimal.ZERO;
        private long count;
    }

    /** For each partial row the average of its group. */
    List<Value> of(PartialTypes.Average average, List<List<Value>> columns) {
        Map<Value, Total> totals = new TreeMap<>(session);
        List<Total> each = new ArrayList<>();
        for (int row = 0; row < columns.get(average.sum()).size(); row++) {
            Total total = totals.computeIfAbsent(group(columns, row), any -> new Total());
            long count = columns.get(average.count()).get(row).getLong();
            if (count > 0) {
                total.sum = total.sum.add(columns.get(average.sum()).get(row).getBigDecimal());
                total.count += count;
            }
            each.add(total);
        }
        return each.stream().map(total -> divided(total, average.type())).toList();
    }

    private ValueRow group(List<List<Value>> columns, int row) {
        return ValueRow.get(
                types.keys().stream().map(key -> columns.get(key).get(row)).toArray(Value[]::new));
    }

    private Value divided(Total total, TypeInfo type) {
        if (total.count == 0) {
            return ValueNull.INSTANCE;
        }
        BigDecimal count = BigDecimal.valueOf(total.count);
        Value value = switch (type.getValueType()) {
            case Value.DOUBLE -> ValueDouble.get(total.sum.doubleValue() / total.count);
            case Value.NUMERIC -> ValueNumeric.get(total.sum.divide(count, type.getScale(), RoundingMode.HALF_DOWN));
            default -> ValueDecfloat.divide(total.sum, count, type);
        };
        return value.castTo(type, session);
    }
}
