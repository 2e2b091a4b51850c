package io.tunabledb.engine.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Whoever adds a component speaks another language. */
class LanguageTest {
    record Inner(int a) {}

    sealed interface Kind permits Some, Other {}

    record Some(List<Inner> inner) implements Kind {}

    record Other(long b) implements Kind {}

    /** The same names elsewhere, but for one component each. */
    static final class Later {
        record Inner(int a, int more) {}

        record Named(int renamed) {}

        record Typed(long a) {}
    }

    @Test
    void isTheSameForTheSame() {
        assertThat(Language.ofThisVersion()).isEqualTo(Language.ofThisVersion()).matches("[0-9a-f]{12}");
        assertThat(Language.of(Kind.class)).isEqualTo(Language.of(Kind.class));
    }

    @Test
    void isAnotherForAnythingElse() {
        assertThat(List.of(
                        Language.of(Kind.class),
                        Language.of(Inner.class),
                        Language.of(Later.Inner.class),
                        Language.of(Later.Named.class),
                        Language.of(Later.Typed.class)))
                .doesNotHaveDuplicates();
    }
}
