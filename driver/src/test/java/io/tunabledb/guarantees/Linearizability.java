package io.tunabledb.guarantees;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a history of a register, whose writes all write different values, is linearizable: whether every operation can
 * be given one moment between its invocation and its return such that reads return the write before them. The search of
 * Wing and Gong (1993) over a list of events, with Lowe's (2017) memory of the configurations already tried.
 *
 * <p>A write of unknown outcome that nobody read could as well have happened last, or never: it is left out. One that
 * was read must have happened before the first such read returned: it is given that as its return. So everything
 * searched is complete, and few operations overlap.
 */
final class Linearizability {

    /** A call or a return; linked so that a linearized operation can be taken out and put back in constant time. */
    private static final class Event {
        private final int operation;
        private final long time;
        /** The return of a call, null in a return. */
        private Event match;

        private Event previous;
        private Event next;

        Event(int operation, long time) {
            this.operation = operation;
            this.time = time;
        }

        boolean isCall() {
            return match != null;
        }

        void lift() {
            previous.next = next;
            next.previous = previous;
            match.previous.next = match.next;
            if (match.next != null) {
                match.next.previous = match.previous;
            }
        }

        void unlift() {
            match.previous.next = match;
            if (match.next != null) {
                match.next.previous = match;
            }
            previous.next = this;
            next.previous = this;
        }
    }

    private record Configuration(BitSet linearized, long value) {}

    private record Choice(Event call, long valueBefore) {}

    private final List<Operation> operations;
    private final long initial;

    private Linearizability(List<Operation> operations, long initial) {
        this.operations = operations;
        this.initial = initial;
    }

    /** Empty when every key's operations are linearizable; else what is wrong with one of them. */
    static Optional<String> violation(List<Operation> history, long initial) {
        Map<Integer, List<Operation>> byKey = new HashMap<>();
        history.forEach(operation ->
                byKey.computeIfAbsent(operation.key(), any -> new ArrayList<>()).add(operation));
        return byKey.values().stream()
                .map(ofKey -> violationOfKey(ofKey, initial))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<String> violationOfKey(List<Operation> history, long initial) {
        Map<Long, Long> firstReads = new HashMap<>();
        history.stream()
                .filter(operation -> !operation.isWrite())
                .forEach(read -> firstReads.merge(read.value(), read.returned(), Math::min));
        List<Operation> complete = new ArrayList<>();
        for (Operation operation : history) {
            long firstRead = firstReads.getOrDefault(operation.value(), Operation.NEVER);
            if (operation.isWrite() && firstRead < operation.invoked()) {
                return Optional.of("read before it was written: " + operation);
            }
            if (operation.isKnown()) {
                complete.add(operation);
            } else if (firstRead != Operation.NEVER) {
                complete.add(Operation.write(
                        operation.client(), operation.key(), operation.value(), operation.invoked(), firstRead));
            }
        }
        return new Linearizability(complete, initial).search();
    }

    private Optional<String> search() {
        Event head = events();
        Set<Configuration> tried = new HashSet<>();
        Deque<Choice> choices = new ArrayDeque<>();
        BitSet linearized = new BitSet(operations.size());
        long value = initial;
        int deepest = -1;
        Event stuckAt = null;
        Event event = head.next;
        while (head.next != null) {
            if (event.isCall()) {
                Operation operation = operations.get(event.operation);
                boolean isPossible = operation.isWrite() || operation.value() == value;
                if (isPossible && isNew(tried, linearized, event.operation, operation.value())) {
                    choices.push(new Choice(event, value));
                    value = operation.value();
                    linearized.set(event.operation);
                    event.lift();
                    event = head.next;
                } else {
                    event = event.next;
                }
                continue;
            }
            // an operation returned that could not be given its moment: an earlier choice was wrong
            if (choices.size() > deepest) {
                deepest = choices.size();
                stuckAt = event;
            }
            if (choices.isEmpty()) {
                return Optional.of(describe(stuckAt, deepest));
            }
            Choice wrong = choices.pop();
            value = wrong.valueBefore;
            linearized.clear(wrong.call.operation);
            wrong.call.unlift();
            event = wrong.call.next;
        }
        return Optional.empty();
    }

    private static boolean isNew(Set<Configuration> tried, BitSet linearized, int operation, long value) {
        BitSet after = (BitSet) linearized.clone();
        after.set(operation);
        return tried.add(new Configuration(after, value));
    }

    /** All calls and returns in the order of time behind a head that is neither; at the same time calls come first. */
    private Event events() {
        List<Event> calls = new ArrayList<>();
        List<Event> all = new ArrayList<>();
        for (int i = 0; i < operations.size(); i++) {
            Event call = new Event(i, operations.get(i).invoked());
            call.match = new Event(i, operations.get(i).returned());
            calls.add(call);
        }
        calls.forEach(call -> {
            all.add(call);
            all.add(call.match);
        });
        all.sort(Comparator.comparingLong((Event event) -> event.time).thenComparing(event -> !event.isCall()));
        Event head = new Event(-1, 0);
        Event last = head;
        for (Event event : all) {
            last.next = event;
            event.previous = last;
            last = event;
        }
        return head;
    }

    private String describe(Event stuckAt, int deepest) {
        Operation stuck = operations.get(stuckAt.operation);
        StringBuilder text = new StringBuilder("not linearizable: " + deepest + " of " + operations.size()
                + " operations fit, then not: " + stuck + "; around it:");
        operations.stream()
                .filter(other -> other.returned() >= stuck.invoked() - 2_000_000
                        && other.invoked() <= stuck.returned() + 1_000_000)
                .sorted(Comparator.comparingLong(Operation::invoked))
                .limit(60)
                .forEach(other -> text.append("\n  ").append(other));
        operations.stream()
                .filter(other -> other.isWrite() && other.value() == stuck.value())
                .forEach(write -> text.append("\n  its write: ").append(write));
        return text.toString();
    }
}
