package io.tunabledb.engine.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.Test;

class SharedVectorsTest {
    private final SharedVectors shared = new SharedVectors(UUID.randomUUID(), 2);

    @Test
    void whatWasWrittenOutlivesItsConnection() {
        shared.enter("a").wrote(1, 7);
        shared.leave("a");
        assertThat(shared.enter("a").write(1)).isEqualTo(7);
        assertThat(shared.enter("b").write(1)).isZero();
    }

    @Test
    void aScopeThatWasLetGoStillSeesWhatItWrote() {
        SessionVector used = shared.enter("used");
        shared.enter("a").wrote(1, 7);
        shared.leave("a");
        for (int i = 0; i <= SharedVectors.MOST_UNUSED; i++) {
            shared.enter("other " + i);
            shared.leave("other " + i);
        }
        assertThat(shared.enter("a").write(1)).isEqualTo(7);
        assertThat(shared.enter("new").write(1))
                .as("nobody else's floor but what was let go")
                .isEqualTo(7);
        assertThat(shared.enter("used")).as("what is used is never let go").isSameAs(used);
    }

    @Test
    void theLastToLeaveLeaves() {
        SessionVector first = shared.enter("a");
        shared.enter("a");
        shared.leave("a");
        assertThat(shared.enter("a")).isSameAs(first);
    }
}
