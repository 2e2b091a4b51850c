package io.tunabledb.engine.h2.internals;

import java.nio.charset.StandardCharsets;
import org.h2.util.HasSQL;
import org.h2.value.CompareMode;
import org.h2.value.TypeInfo;
import org.h2.value.Value;
import org.h2.value.ValueNull;
import org.h2.value.ValueVarbinary;

/**
 * Which of H2's types have values that are equal and don't look the same: letters of either case, one moment in two time
 * zones, whatever a collation says of letters; and lists of such.
 */
final class ExactTypes {
    private ExactTypes() {}

    /** Whether what is equal, of a column of that type, looks the same. May say no of one where it does. */
    static boolean isExact(TypeInfo type, CompareMode order) {
        return switch (type.getValueType()) {
            case Value.VARCHAR -> order.getName().equals(CompareMode.OFF);
            case Value.UNKNOWN,
                    Value.CHAR,
                    Value.CLOB,
                    Value.VARCHAR_IGNORECASE,
                    Value.TIME_TZ,
                    Value.TIMESTAMP_TZ,
                    Value.JAVA_OBJECT,
                    Value.ROW -> false;
            case Value.ARRAY ->
                type.getExtTypeInfo() instanceof TypeInfo element
                        && element.getValueType() != Value.NUMERIC
                        && isExact(element, order);
            // a column gives all its numbers one scale
            default -> true;
        };
    }

    /** A value as it looks, so that equal ones are the same only if they look the same, whatever the collation. */
    static Value looks(Value value) {
        return value.equals(ValueNull.INSTANCE)
                ? value
                : ValueVarbinary.getNoCopy(
                        value.getSQL(HasSQL.DEFAULT_SQL_FLAGS).getBytes(StandardCharsets.UTF_8));
    }

    /** Whether equal values look the same, too. */
    @SuppressWarnings("ReferenceEquality") // an update keeps the objects of the columns it does not name
    static boolean lookAlike(Value one, Value other) {
        return one == other || one.getSQL(HasSQL.DEFAULT_SQL_FLAGS).equals(other.getSQL(HasSQL.DEFAULT_SQL_FLAGS));
    }
}
