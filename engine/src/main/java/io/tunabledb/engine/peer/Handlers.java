package io.tunabledb.engine.peer;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.log.Shortage;
import io.tunabledb.engine.message.CheckMessage;
import io.tunabledb.engine.message.CutMessage;
import io.tunabledb.engine.message.LockMessage;
import io.tunabledb.engine.message.Message;
import io.tunabledb.engine.message.Nothing;
import io.tunabledb.engine.message.OutboxMessage;
import io.tunabledb.engine.message.OutcomeMessage;
import io.tunabledb.engine.message.ReadMessage;
import io.tunabledb.engine.message.SchemaMessage;
import io.tunabledb.engine.message.StatusMessage;
import io.tunabledb.engine.message.TokenMessage;
import io.tunabledb.engine.message.TransactionMessage;
import io.tunabledb.engine.outbox.Reply;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.ShardLeader;
import io.tunabledb.engine.shard.held.LockWait;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Who answers which message: the same at every node, whichever carrier brought it. */
final class Handlers {
    private static final Map<Class<?>, Handler<?, ?>> ALL = new HashMap<>();

    static {
        on(StatusMessage.Report.class, (here, asked) -> done(Reports.ofNode(here)));
        on(StatusMessage.Transactions.class, (here, asked) -> done(Reports.transactions(here.replica(asked.shard()))));
        on(
                StatusMessage.InDoubt.class,
                (here, asked) -> done(here.replica(asked.shard()).inDoubt()));
        on(LockMessage.Waits.class, (here, asked) -> done(waits(here)));
        on(
                LockMessage.GiveWay.class,
                (here, asked) -> done(
                        here.leader(asked.seen().shard()).giveWay(asked.seen().waiter(), asked.why())));
        on(
                TransactionMessage.AskDecision.class,
                (here, asked) -> here.leader(asked.home()).decision(asked.transaction()));
        on(
                TransactionMessage.Finish.class,
                (here, asked) -> here.leader(asked.shard()).finish(asked.transaction(), true, asked.epoch()));
        on(
                CutMessage.BeginEpoch.class,
                (here, asked) -> told(here.leader(asked.shard()).beginEpoch(asked.epoch())));
        on(CutMessage.Release.class, (here, asked) -> {
            here.releases().raise(here.node(), asked.cut());
            return done(Nothing.NOTHING);
        });
        on(CutMessage.Released.class, (here, asked) -> done(here.releases().upTo(here.node())));
        on(CutMessage.Next.class, (here, asked) -> done(here.coordinator().next()));
        on(CutMessage.Request.class, (here, asked) -> told(here.coordinator().request(asked.cut())));
        on(CutMessage.FinishNewest.class, (here, asked) -> {
            here.coordinator().finishNewest();
            return done(Nothing.NOTHING);
        });
        on(OutboxMessage.CarryOut.class, (here, asked) -> done(carryOut(here, asked)));
        on(
                OutboxMessage.Append.class,
                (here, asked) -> done(here.outbox().append(asked.entries(), Deadline.in(asked.within()))));
        on(
                OutboxMessage.WhatOf.class,
                (here, asked) -> done(here.outbox().standing(asked.incarnation(), asked.number())));
        on(OutboxMessage.Reached.class, (here, asked) -> reached(here.replica(asked.shard()), asked));
        on(
                CheckMessage.Begin.class,
                (here, asked) -> here.leader(asked.shard()).check(asked.id(), asked.schema(), asked.table()));
        on(CheckMessage.Hash.class, (here, asked) -> Checks.hashed(here.replica(asked.shard()), asked.id()));
        on(
                OutcomeMessage.Known.class,
                (here, asked) -> done(Outcomes.known(here.replica(asked.shard()), asked.transaction())));
        on(OutcomeMessage.AsOfNow.class, (here, asked) -> Outcomes.asOfNow(here.replica(asked.shard()), asked));
        on(
                SchemaMessage.TakeTurn.class,
                (here, asked) -> here.leader(0).schemaTurns().take(asked.owner(), asked.isPatient()));
        on(SchemaMessage.GiveBackTurn.class, (here, asked) -> {
            here.leader(0).schemaTurns().giveBack(asked.owner());
            return done(Nothing.NOTHING);
        });
        on(SchemaMessage.Preflight.class, (here, asked) -> done(Trials.preflight(here, asked)));
        on(SchemaMessage.TryOut.class, (here, asked) -> done(Trials.tryOut(here, asked)));
        on(
                TokenMessage.LogEnd.class,
                (here, asked) -> here.replica(asked.shard()).readIndex());
        on(TokenMessage.NewestCut.class, (here, asked) -> newestCut(here.replica(0), asked.atLeast()));
        on(
                TokenMessage.CarriedOut.class,
                (here, asked) -> here.replica(asked.shard())
                        .caughtUp()
                        .thenApply(index -> here.replica(asked.shard()).outboxMark(asked.incarnation())));
        on(
                SchemaMessage.HoldsTurn.class,
                (here, asked) -> done(here.leader(0).schemaTurns().isHeldBy(asked.owner())));
        on(ReadMessage.Execute.class, (here, asked) -> done(here.reads().execute(asked)));
        on(ReadMessage.NextPage.class, (here, asked) -> done(here.reads().next(asked)));
        on(ReadMessage.CloseRows.class, (here, asked) -> {
            here.reads().close(asked);
            return done(Nothing.NOTHING);
        });
        on(ReadMessage.Unpin.class, (here, asked) -> {
            here.reads().unpin(asked.by());
            return done(Nothing.NOTHING);
        });
        on(ReadMessage.Cancel.class, (here, asked) -> {
            here.reads().cancel(asked.by(), asked.number());
            return done(Nothing.NOTHING);
        });
        on(ReadMessage.Leave.class, (here, asked) -> {
            here.reads().leave(asked.session());
            return done(Nothing.NOTHING);
        });
    }

    private Handlers() {}

    private static <A, M extends Message<A>> void on(Class<M> type, Handler<M, A> handler) {
        ALL.put(type, handler);
    }

    private static <A> CompletableFuture<A> done(A answer) {
        return CompletableFuture.completedFuture(answer);
    }

    private static CompletableFuture<Nothing> told(CompletableFuture<?> carriedOut) {
        return carriedOut.thenApply(done -> Nothing.NOTHING);
    }

    /** Of which messages there is a handler. */
    static Set<Class<?>> known() {
        return Set.copyOf(ALL.keySet());
    }

    /** Has a message answered; on this thread, where the answer takes no waiting for others. */
    @SuppressWarnings("unchecked") // what was registered for a class answers as that class says
    static <A> CompletableFuture<A> answer(Member here, Message<A> message) {
        var handler = (Handler<Message<A>, A>)
                Objects.requireNonNull(ALL.get(message.getClass()), "nobody answers " + message.getClass());
        try {
            return handler.answer(here, message);
        } catch (Exception e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** The mark is read first: it is raised between {@code applying} and {@code applied} of its entry. */
    private static CompletableFuture<OutboxMessage.Mark> reached(Replica replica, OutboxMessage.Reached asked) {
        return replica.outboxReached(asked.incarnation(), asked.number(), asked.within())
                .thenApply(done -> new OutboxMessage.Mark(
                        replica.outboxMark(asked.incarnation()), replica.applying(), replica.epoch()));
    }

    private static CompletableFuture<Long> newestCut(Replica first, long atLeast) {
        long known = first.newestCut();
        return known >= atLeast ? done(known) : first.caughtUp().thenApply(index -> first.newestCut());
    }

    private static List<LockWait> waits(Member here) {
        List<LockWait> waits = new ArrayList<>();
        for (ShardLeader leader : here.leaders()) {
            Replica replica = leader.replica();
            if (replica.isAlive()) {
                waits.addAll(leader.lockWaits());
            }
        }
        return waits;
    }

    private static Reply carryOut(Member here, OutboxMessage.CarryOut asked) {
        Shortage full = here.refusal().get();
        return full == null
                ? here.batches().get(asked.batch().shard()).carryOut(asked.batch(), Deadline.in(asked.within()))
                : new Reply.Again(full.text(), false);
    }
}
