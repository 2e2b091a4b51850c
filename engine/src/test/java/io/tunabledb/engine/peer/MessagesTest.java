package io.tunabledb.engine.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.codec.Form;
import io.tunabledb.engine.codec.MadeUp;
import io.tunabledb.engine.message.Message;
import io.tunabledb.engine.message.Nothing;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every message there is, and for every one that is added. */
class MessagesTest {
    private static final int MEMBERS = 50;

    static List<Class<?>> all() {
        return leaves(Message.class).toList();
    }

    private static Stream<Class<?>> leaves(Class<?> type) {
        return type.isSealed()
                ? Arrays.stream(type.getPermittedSubclasses()).flatMap(MessagesTest::leaves)
                : Stream.of(type);
    }

    @Test
    void eachHasItsHandler() {
        assertThat(Handlers.known()).containsExactlyInAnyOrderElementsOf(all());
    }

    @ParameterizedTest
    @MethodSource("all")
    void eachCanBeWrittenAndReadBack(Class<?> message) {
        long seed = new Random().nextLong();
        MadeUp madeUp = new MadeUp(seed);
        for (int i = 0; i < MEMBERS; i++) {
            Message<?> asked = (Message<?>) madeUp.of(message);
            assertThat(Copies.of(asked))
                    .as("seed %d, number %d", seed, i)
                    .usingRecursiveComparison()
                    .isEqualTo(asked);
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void soCanEachAnswer(Class<?> message) {
        long seed = new Random().nextLong();
        MadeUp madeUp = new MadeUp(seed);
        Type type = Copies.answerOf(message);
        Form<Object> form = Form.of(type);
        for (int i = 0; i < MEMBERS; i++) {
            Object answer = madeUp.of(type);
            assertThat(form.read(form.bytes(answer)))
                    .as("seed %d, number %d, %s", seed, i, type)
                    .usingRecursiveComparison()
                    .isEqualTo(answer);
        }
    }

    /** A record that is empty answers like any other. */
    @Test
    void noBytesAreWastedOnNothing() {
        assertThat(Form.of(Nothing.class).bytes(Nothing.NOTHING)).isEmpty();
    }
}
