package io.tunabledb.engine.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("UnusedNestedClass") // met by reflection
class FormTest {

    private enum Colour {
        RED,
        GREEN
    }

    private sealed interface Shape {
        record Circle(double radius) implements Shape {}

        record Box(int width, @Nullable Integer height) implements Shape {}

        record Empty() implements Shape {}
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record All(
            int number,
            long large,
            boolean flag,
            double real,
            @Nullable String text,
            byte[] bytes,
            byte[][] arrays,
            long[] longs,
            UUID id,
            Duration time,
            Instant moment,
            Colour colour,
            @Nullable Shape shape,
            List<Shape> shapes,
            Map<String, List<Long>> map,
            SortedMap<Integer, Long> sorted) {}

    private record OfConnection(Connection live) {}

    private record OfCallback(List<Supplier<String>> callbacks) {}

    private record OfAnything(Object any) {}

    private sealed interface Some {
        record Good(int number) implements Some {}

        record Bad(Runnable live) implements Some {}
    }

    @Test
    void whatIsWrittenIsReadBack() {
        long seed = new Random().nextLong();
        MadeUp madeUp = new MadeUp(seed);
        Form<All> form = Form.of(All.class);
        for (int i = 0; i < 500; i++) {
            All value = (All) madeUp.of(All.class);
            assertThat(form.read(form.bytes(value)))
                    .as("seed %d, number %d", seed, i)
                    .usingRecursiveComparison()
                    .isEqualTo(value);
        }
    }

    @ParameterizedTest
    @ValueSource(
            classes = {OfConnection.class, OfCallback.class, OfAnything.class, Some.class, Thread.class, List.class})
    void whatIsAliveHasNone(Class<?> type) {
        assertThatThrownBy(() -> Form.of(type))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no value that can be written");
    }

    /** Cut off anywhere, or with another byte anywhere: never anything but an answer or this one exception. */
    @Test
    void otherBytesAreRefused() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        Form<All> form = Form.of(All.class);
        byte[] bytes = form.bytes((All) new MadeUp(seed).of(All.class));
        for (int length = 0; length < bytes.length; length++) {
            byte[] torn = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> form.read(torn))
                    .as("seed %d, %d of %d bytes", seed, length, bytes.length)
                    .isInstanceOf(IllegalStateException.class);
        }
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
        assertThatThrownBy(() -> form.read(longer)).isInstanceOf(IllegalStateException.class);
        for (int i = 0; i < 2_000; i++) {
            byte[] other = bytes.clone();
            other[random.nextInt(other.length)] = (byte) random.nextInt();
            try {
                assertThat(form.read(other)).isNotNull();
            } catch (IllegalStateException e) {
                assertThat(e).as("seed %d", seed).isExactlyInstanceOf(IllegalStateException.class);
            }
        }
    }
}
