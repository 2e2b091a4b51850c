package io.tunabledb.sql;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Rung;
import io.tunabledb.sql.parser.ParseError;
import io.tunabledb.sql.parser.TunableSqlParser.AckAllContext;
import io.tunabledb.sql.parser.TunableSqlParser.AfterContext;
import io.tunabledb.sql.parser.TunableSqlParser.BareRungContext;
import io.tunabledb.sql.parser.TunableSqlParser.BoundContext;
import io.tunabledb.sql.parser.TunableSqlParser.DurationContext;
import io.tunabledb.sql.parser.TunableSqlParser.LadderContext;
import io.tunabledb.sql.parser.TunableSqlParser.NameContext;
import io.tunabledb.sql.parser.TunableSqlParser.RungContext;
import io.tunabledb.sql.parser.TunableSqlParser.RungOptionContext;
import io.tunabledb.sql.parser.TunableSqlParser.WithinContext;
import io.tunabledb.sql.parser.Words;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.antlr.v4.runtime.Token;
import org.jspecify.annotations.Nullable;

/** Trees of rungs to {@link Ladder}s. {@code ELSE ERROR} says what happens anyway, so it adds no rung. */
final class LadderReader {
    private static final List<String> UNITS = List.of("MS", "SECONDS", "MINUTES", "HOURS");

    private static final Duration LONGEST = Duration.ofMillis(Long.MAX_VALUE);

    private LadderReader() {}

    static Ladder ladder(LadderContext tree) {
        List<Rung> rungs = new ArrayList<>();
        List<RungContext> trees = tree.rung();
        int last = trees.size() - 1;
        for (int i = 0; i <= last; i++) {
            RungContext rung = trees.get(i);
            boolean isError = rung.bareRung().level.getText().equalsIgnoreCase("ERROR");
            if (!isError) {
                rungs.add(rung(rung));
            } else if (i == 0
                    || i < last
                    || !rung.rungOption().isEmpty()
                    || rung.bareRung().bound() != null) {
                throw error(rung.getStart(), "ERROR stands alone and last, after ELSE");
            }
        }
        return new Ladder(rungs);
    }

    static Rung rung(RungContext tree) {
        Rung bare = bareRung(tree.bareRung());
        Duration within = null;
        String token = null;
        boolean ackAll = false;
        for (RungOptionContext option : tree.rungOption()) {
            if (option instanceof WithinContext wait) {
                once(within == null, option, "WITHIN");
                within = duration(wait.duration());
            } else if (option instanceof AfterContext after) {
                once(token == null, option, "AFTER");
                token = Names.literal(after.STRING().getSymbol());
            } else if (option instanceof AckAllContext) {
                once(!ackAll, option, "ACK ALL");
                ackAll = true;
            }
        }
        return new Rung(bare.level(), bare.maxStaleness(), bare.maxEntries(), within, token, ackAll);
    }

    /** A level with its bound and nothing else. */
    static Rung bareRung(BareRungContext tree) {
        Level level = level(tree.level);
        BoundContext bound = tree.bound();
        if ((level == Level.BOUNDED_STALENESS) != (bound != null)) {
            throw bound == null
                    ? error(
                            tree.getStop(),
                            level + " needs its bound: BOUNDED_STALENESS (5 SECONDS) or"
                                    + " BOUNDED_STALENESS (5 SECONDS, 100 ENTRIES)")
                    : error(bound.getStart(), level + " takes no bound; only BOUNDED_STALENESS does");
        }
        Duration staleness = bound == null ? null : duration(bound.duration());
        Long entries = bound == null || bound.NUMBER() == null
                ? null
                : number(bound.NUMBER().getSymbol());
        return new Rung(level, staleness, entries, null, null, false);
    }

    private static Level level(NameContext name) {
        String word = name.getText();
        return Level.named(word)
                .orElseThrow(() -> error(
                        name.getStart(),
                        "there is no consistency level " + word + meant(word, Level.names()) + " known are "
                                + String.join(", ", Level.names())));
    }

    private static Duration duration(DurationContext tree) {
        long amount = number(tree.NUMBER().getSymbol());
        String unit = tree.unit.getText().toUpperCase(Locale.ROOT);
        try {
            Duration duration = switch (unit) {
                case "MS", "MILLISECOND", "MILLISECONDS" -> Duration.ofMillis(amount);
                case "S", "SECOND", "SECONDS" -> Duration.ofSeconds(amount);
                case "MINUTE", "MINUTES" -> Duration.ofMinutes(amount);
                case "HOUR", "HOURS" -> Duration.ofHours(amount);
                default ->
                    throw error(
                            tree.unit.getStart(),
                            "there is no unit of time " + tree.unit.getText() + meant(unit, UNITS) + " known are "
                                    + String.join(", ", UNITS));
            };
            if (duration.isZero()) {
                throw error(tree.getStart(), "a duration must be longer than nothing");
            }
            if (duration.compareTo(LONGEST) > 0) {
                throw new ArithmeticException("too many milliseconds");
            }
            return duration;
        } catch (ArithmeticException e) {
            throw error(tree.getStart(), "the duration is too long");
        }
    }

    private static long number(Token token) {
        try {
            return Long.parseLong(token.getText());
        } catch (NumberFormatException e) {
            throw error(token, "found '" + token.getText() + "', expected a whole number");
        }
    }

    private static void once(boolean first, RungOptionContext option, String what) {
        if (!first) {
            throw error(option.getStart(), what + " stands twice");
        }
    }

    private static String meant(String word, List<String> known) {
        Optional<String> nearest = Words.nearest(word, known);
        return nearest.map(name -> "; did you mean " + name + "?").orElse(";");
    }

    private static ParseError error(@Nullable Token at, String message) {
        return new ParseError(at == null ? 0 : at.getStartIndex(), message);
    }
}
