package io.tunabledb.engine.shard.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.h2.readset.WriteSet;
import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.shard.validation.Validation.Guard;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ValidationTest {
    private static final long TERM = 3;
    private static final Deadline NOW = Deadline.in(Duration.ZERO);
    private static final LogPosition ANYWHERE = new LogPosition(TERM, 7);

    private final Validation validation = new Validation(() -> Long.MAX_VALUE);
    private final List<CompletableFuture<LogPosition>> appended = new ArrayList<>();

    private static WriteSet write(String table, long... keys) {
        return new WriteSet(List.of(new WriteSet.TableWrite(table, false, keys)));
    }

    private ReadSet read(String table, long... keys) {
        return read(validation.position(TERM), table, keys);
    }

    private static ReadSet read(long position, String table, long... keys) {
        ReadSet reads = new ReadSet();
        if (keys.length == 0) {
            reads.addTables(List.of(table), position);
        }
        for (long key : keys) {
            reads.addKey(table, key, position);
        }
        return reads;
    }

    private CompletableFuture<LogPosition> append() {
        CompletableFuture<LogPosition> future = new CompletableFuture<>();
        appended.add(future);
        return future;
    }

    private CompletableFuture<LogPosition> propose(ReadSet reads, WriteSet writes) {
        return validation.commit(TERM, reads, writes, NOW, this::append);
    }

    private void commit(ReadSet reads, WriteSet writes) {
        var unused = propose(reads, writes);
    }

    private Guard prepare(Validation shard, ReadSet reads, WriteSet writes) {
        AtomicReference<Guard> given = new AtomicReference<>();
        var unused = shard.prepare(TERM, reads, writes, guard -> {
            given.set(guard);
            return append();
        });
        return given.get();
    }

    private void applyAll() {
        appended.forEach(future -> future.complete(ANYWHERE));
        appended.clear();
    }

    @Test
    void aRowThatWasChangedSinceItWasReadIsAConflictAndOthersAreNot() {
        ReadSet row = read("T", 1);
        ReadSet other = read("T", 2);
        ReadSet whole = read("T");
        ReadSet otherTable = read("U");
        commit(null, write("T", 1));
        applyAll();
        assertThatThrownBy(() -> commit(row, write("U", 9)))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining("T was changed");
        assertThatThrownBy(() -> commit(whole, write("U", 9))).isInstanceOf(ConflictException.class);
        commit(other, write("U", 9));
        applyAll();
        assertThatThrownBy(() -> validation.commitRead(TERM, otherTable, NOW)).isInstanceOf(ConflictException.class);
        validation.commitRead(TERM, other, NOW);
    }

    @Test
    void whatIsReadAfterTheChangeIsApplied() {
        commit(null, write("T", 1));
        ReadSet whileInFlight = read("T", 1);
        applyAll();
        validation.commitRead(TERM, read("T", 1), NOW);
        // it was read before the change could be seen
        assertThatThrownBy(() -> validation.commitRead(TERM, whileInFlight, NOW))
                .isInstanceOf(ConflictException.class);
    }

    @Test
    void aProposalThatIsRefusedHoldsNobodyUp() {
        CompletableFuture<LogPosition> first = propose(null, write("T", 1));
        commit(null, write("T", 2));
        appended.get(1).completeExceptionally(new NotLeaderException("full"));
        assertThat(validation.position(TERM)).isZero();
        appended.get(0).completeExceptionally(new NotLeaderException("full"));
        assertThat(first).isCompletedExceptionally();
        validation.commitRead(TERM, read("T", 1, 2), NOW);
    }

    @Test
    void aProposalOfUnknownOutcomeCountsAsOnItsWayUntilTheNextIsApplied() {
        commit(null, write("T", 1));
        commit(null, write("T", 2));
        appended.get(0).completeExceptionally(new IllegalStateException("late"));
        assertThat(validation.position(TERM)).isZero();
        appended.get(1).complete(ANYWHERE);
        validation.commitRead(TERM, read("T", 1, 2), NOW);
    }

    @Test
    void aSchemaChangeIsAChangeOfEveryRow() {
        ReadSet row = read("T", 1);
        ReadSet other = read("U", 1);
        var unused = validation.define(TERM, new WriteSet(List.of(WriteSet.TableWrite.all("T"))), this::append);
        assertThatThrownBy(() -> commit(row, write("V", 1))).isInstanceOf(ConflictException.class);
        validation.commitRead(TERM, other, NOW);
        unused = validation.define(TERM, null, this::append);
        assertThatThrownBy(() -> commit(other, write("V", 1))).isInstanceOf(ConflictException.class);
    }

    @Test
    void nothingIsForgottenThatCouldStillConflict() {
        ReadSet row = read("T", 1);
        ReadSet elsewhere = read("U", 1);
        commit(null, write("T", 1));
        for (int i = 0; i < 200_000; i++) {
            commit(null, write("T", 2 + i));
            applyAll();
        }
        assertThatThrownBy(() -> validation.commitRead(TERM, row, NOW)).isInstanceOf(ConflictException.class);
        validation.commitRead(TERM, elsewhere, NOW);
        validation.commitRead(TERM, read("T", 1), NOW);
    }

    @Test
    void aNewTermHasSeenEverythingAndAnOldOneIsOver() {
        commit(null, write("T", 1));
        validation.commitRead(TERM + 1, read(validation.position(TERM + 1), "T", 1), NOW);
        assertThatThrownBy(() -> commit(null, write("T", 1))).isInstanceOf(NotLeaderException.class);
    }

    // ---- over several shards ----

    @Test
    void writeSkewOverTwoShardsFailsWhateverTheOrder() {
        Validation a = validation;
        Validation b = new Validation(() -> Long.MAX_VALUE);
        ReadSet x = read(0, "X", 1);
        ReadSet y = read(0, "Y", 1);
        prepare(a, x, WriteSet.NONE);
        prepare(b, y, WriteSet.NONE);
        assertThatThrownBy(() -> prepare(b, null, write("Y", 1))).isInstanceOf(ConflictException.class);
        assertThatThrownBy(() -> prepare(a, null, write("X", 1))).isInstanceOf(ConflictException.class);
    }

    @Test
    void whatAPreparedTransactionReadIsNotChangedUntilItIsFinished() throws Exception {
        Guard guard = prepare(validation, read("T", 1), write("U", 1));
        assertThatThrownBy(() -> commit(null, write("T", 1))).isInstanceOf(ConflictException.class);
        commit(null, write("T", 2));
        CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(() -> {
            var unused =
                    validation.commit(TERM, null, write("T", 1), Deadline.in(Duration.ofSeconds(20)), this::append);
            return true;
        });
        guard.release(true);
        assertThat(waiting.get(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void whatAPreparedTransactionWritesIsAConflictOnlyIfItCommits() {
        ReadSet reads = read("U", 1);
        Guard aborted = prepare(validation, null, write("U", 1));
        assertThatThrownBy(() -> validation.commitRead(TERM, reads, NOW)).isInstanceOf(ConflictException.class);
        aborted.release(false);
        validation.commitRead(TERM, reads, NOW);
        Guard committed = prepare(validation, null, write("U", 1));
        committed.release(true);
        committed.release(true);
        assertThatThrownBy(() -> validation.commitRead(TERM, reads, NOW)).isInstanceOf(ConflictException.class);
        validation.commitRead(TERM, read("U", 1), NOW);
        assertThat(validation.guards()).isZero();
    }

    @Test
    void aNewLeaderGuardsWhatAnEarlierOnePrepared() {
        ReadSet decoded = ReadSet.decode(read("T", 1, 2).encode());
        Guard guard = validation.restore(TERM, decoded, WriteSet.NONE);
        assertThatThrownBy(() -> commit(null, write("T", 2))).isInstanceOf(ConflictException.class);
        commit(null, write("T", 3));
        guard.release(false);
        commit(null, write("T", 2));
    }

    @Test
    void aReadSetKeepsWhatItReadOverItsBytes() {
        ReadSet decoded = ReadSet.decode(read("PUBLIC.\u00c4", 5, -6).encode());
        assertThat(decoded.isChangedBy(write("PUBLIC.\u00c4", -6))).isTrue();
        assertThat(decoded.isChangedBy(write("PUBLIC.\u00c4", 6))).isFalse();
        assertThat(decoded.isChangedBy(new WriteSet(List.of(WriteSet.TableWrite.all("PUBLIC.\u00c4")))))
                .isTrue();
        assertThat(ReadSet.decode(read("T").encode()).isChangedBy(write("T", 1)))
                .isTrue();
        assertThatThrownBy(() -> ReadSet.decode(new byte[] {9, 0, 0, 0, 0})).hasMessageContaining("format 9");
    }
}
