package io.tunabledb.engine.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class PrivateFieldTest {

    /** Stands for a library. */
    @SuppressWarnings("unused") // by reflection
    private static final class Library {
        private String inside = "first";

        private int twice(int number) {
            return Math.multiplyExact(number, 2);
        }
    }

    /** Needs what the library has. */
    private static final class Fitting {
        static final PrivateField INSIDE = PrivateField.of(Library.class, "inside");
        static final PrivateMethod TWICE = PrivateMethod.of(Library.class, "twice", int.class);
    }

    /** Needs what it hasn't. */
    @SuppressWarnings("unused") // its making is all that it is for
    private static final class Missing {
        static final PrivateField GONE = PrivateField.of(Library.class, "gone");
    }

    @Test
    void itIsReadAndSet() throws InvocationTargetException {
        Library library = new Library();
        assertThat(Fitting.INSIDE.get(library, String.class)).isEqualTo("first");
        Fitting.INSIDE.set(library, null);
        assertThat(Fitting.INSIDE.get(library)).isNull();
        assertThatThrownBy(() -> Fitting.INSIDE.get(library, String.class)).isInstanceOf(ClassCastException.class);
        assertThat(Fitting.TWICE.call(library, 21)).isEqualTo(42);
        assertThatThrownBy(() -> Fitting.TWICE.call(library, Integer.MAX_VALUE))
                .hasCauseInstanceOf(ArithmeticException.class);
    }

    @Test
    void whatIsMissingIsFoundBeforeItIsUsed() throws SQLException {
        PrivateField.requireAll("Library 1", Fitting.class);
        assertThatThrownBy(() -> PrivateField.requireAll("Library 1", Fitting.class, Missing.class))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("Library 1 on the class path is built otherwise")
                .hasMessageContaining("no field gone")
                .extracting(e -> ((SQLException) e).getSQLState())
                .isEqualTo("08001");
    }
}
