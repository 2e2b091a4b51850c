package io.tunabledb.engine.ratis.statemachine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.log.OutcomeUnknownException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What appends under way come to, and who has to see to what they held. */
class ProposalsTest {
    private static final Object HELD = "held";

    @Test
    void whatIsRefusedIsForItsCallerToEnd() {
        Proposals proposals = new Proposals(Duration.ofMinutes(1));
        Proposal proposal = proposals.open(new byte[1], HELD);
        assertThat(proposals.refused(proposal, null)).isTrue();
        assertThatThrownBy(proposal.outcome::join).hasCauseInstanceOf(NotLeaderException.class);
        assertThat(proposals.find(proposal.call)).isNull();
    }

    @Test
    void whatIsRefusedWhenItsCallerWasToldThatNobodyKnowsIsForTheReplicaToEnd() {
        Proposals proposals = new Proposals(Duration.ofMillis(20));
        Proposal proposal = proposals.open(new byte[1], HELD);
        assertThatThrownBy(() -> proposal.outcome.get(60, TimeUnit.SECONDS))
                .hasCauseInstanceOf(OutcomeUnknownException.class);
        assertThat(proposals.refused(proposal, null)).isFalse();
        assertThat(proposals.refused(proposal, null)).as("once").isTrue();
    }

    @Test
    void whatMayBeInTheLogStays() {
        Proposals proposals = new Proposals(Duration.ofMillis(20));
        Proposal proposal = proposals.open(new byte[1], HELD);
        proposal.logged(3);
        assertThatThrownBy(() -> proposal.outcome.get(60, TimeUnit.SECONDS))
                .hasCauseInstanceOf(OutcomeUnknownException.class);
        assertThat(proposals.refused(proposal, null)).isTrue();
        assertThat(proposals.find(proposal.call)).isSameAs(proposal);
        proposals.reachedTerm(4);
        assertThat(proposals.find(proposal.call)).isNull();
    }

    @Test
    void oneThatIsEndedWhileItIsBeingMadeIsAnswered() {
        Proposals proposals = new Proposals(Duration.ofMinutes(1));
        Proposal proposal = proposals.open(new byte[1], HELD);
        proposals.end("closed");
        assertThat(proposals.refused(proposal, null)).isTrue();
        assertThatThrownBy(proposal.outcome::join).hasCauseInstanceOf(OutcomeUnknownException.class);
    }
}
