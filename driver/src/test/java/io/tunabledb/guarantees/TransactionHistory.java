package io.tunabledb.guarantees;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Judges whether committed transactions over lists, each of which appends its own number to some and reads others, could
 * have been executed one after the other, each between its call and its return: strict serializability. A list tells who
 * wrote each of its versions, so what must come before what is known, and all of that may have no cycle (Adya's DSG, as
 * Kingsbury and Alvaro infer it: Elle, VLDB 2020).
 */
final class TransactionHistory {

    private TransactionHistory() {}

    /**
     * A committed transaction.
     *
     * @param reads what it found in each list, by key, before it appended to it
     * @param appends the keys it appended its id to
     * @param invoked before its first statement
     * @param returned when its commit was answered; {@link Long#MAX_VALUE} when it never was
     */
    record Transaction(int id, Map<Integer, List<Integer>> reads, Set<Integer> appends, long invoked, long returned) {}

    /** The ids of a cycle, or what else is wrong; empty when they are strictly serializable. */
    static Optional<String> violation(List<Transaction> history, Map<Integer, List<Integer>> last) {
        Map<Integer, Integer> numbers = new HashMap<>();
        for (int i = 0; i < history.size(); i++) {
            numbers.put(history.get(i).id, i);
        }
        List<Set<Integer>> next = new ArrayList<>();
        history.forEach(transaction -> next.add(new HashSet<>()));
        String wrong = addReads(history, last, numbers, next);
        if (wrong != null) {
            return Optional.of(wrong);
        }
        addRealTime(history, next);
        return cycle(history, next);
    }

    private static String addReads(
            List<Transaction> history,
            Map<Integer, List<Integer>> last,
            Map<Integer, Integer> numbers,
            List<Set<Integer>> next) {
        for (Map.Entry<Integer, List<Integer>> list : last.entrySet()) {
            List<Integer> versions = list.getValue();
            for (int i = 1; i < versions.size(); i++) {
                add(next, numbers, versions.get(i - 1), versions.get(i));
            }
        }
        for (Transaction transaction : history) {
            for (int key : transaction.appends) {
                if (!last.getOrDefault(key, List.of()).contains(transaction.id)) {
                    return transaction.id + " was committed and its append to " + key + " is lost";
                }
            }
            for (Map.Entry<Integer, List<Integer>> read : transaction.reads.entrySet()) {
                List<Integer> seen = read.getValue();
                List<Integer> versions = last.getOrDefault(read.getKey(), List.of());
                if (seen.size() > versions.size()
                        || !versions.subList(0, seen.size()).equals(seen)) {
                    return transaction.id + " read " + seen + " in " + read.getKey() + ", which came to " + versions;
                }
                if (!seen.isEmpty()) {
                    add(next, numbers, seen.get(seen.size() - 1), transaction.id);
                }
                if (seen.size() < versions.size()) {
                    add(next, numbers, transaction.id, versions.get(seen.size()));
                }
            }
        }
        return null;
    }

    private static void add(List<Set<Integer>> next, Map<Integer, Integer> numbers, int before, int after) {
        Integer from = numbers.get(before);
        Integer to = numbers.get(after);
        if (from != null && to != null && !from.equals(to)) {
            next.get(from).add(to);
        }
    }

    private static void addRealTime(List<Transaction> history, List<Set<Integer>> next) {
        for (int from = 0; from < history.size(); from++) {
            for (int to = 0; to < history.size(); to++) {
                if (history.get(from).returned < history.get(to).invoked) {
                    next.get(from).add(to);
                }
            }
        }
    }

    /** What is left when, again and again, whoever has nobody before it is taken away. */
    private static Optional<String> cycle(List<Transaction> history, List<Set<Integer>> next) {
        int[] before = new int[history.size()];
        next.forEach(each -> each.forEach(to -> before[to]++));
        Deque<Integer> free = new ArrayDeque<>();
        for (int i = 0; i < before.length; i++) {
            if (before[i] == 0) {
                free.add(i);
            }
        }
        int taken = 0;
        while (!free.isEmpty()) {
            taken++;
            for (int to : next.get(free.remove())) {
                if (--before[to] == 0) {
                    free.add(to);
                }
            }
        }
        if (taken == before.length) {
            return Optional.empty();
        }
        int at = 0;
        while (before[at] <= 0) {
            at++;
        }
        return Optional.of(
                "a cycle among " + (before.length - taken) + " transactions, one of them " + history.get(at));
    }
}
