package io.tunabledb.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.sql.Statement.Asked;
import io.tunabledb.sql.Statement.Source;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Random statements survive parse, text, parse; a failure prints its seed and the smallest statement that fails. */
class RoundTripTest {
    private static final Pattern TABLE = Pattern.compile("\\b[Tt](\\d)\\b");

    @Property(tries = 1000)
    void aStatementSurvives(@ForAll("h2") String text) {
        Statement.Sql once = Parsed.sql(text);
        assertThat(once.text()).isEqualTo(text.strip());
        assertThat(Parsed.one(once.text())).isEqualTo(once);
    }

    @Property(tries = 700)
    void soDoesOneOfOurOwn(@ForAll("own") String text) {
        Statement once = Parsed.one(text);
        assertThat(Parsed.one(SqlParser.render(once))).isEqualTo(once);
    }

    @Property(tries = 700)
    void aClauseAddsWhatItAsksAndNothingElse(@ForAll("h2") String text, @ForAll("ladders") Ladder ladder) {
        Statement.Sql with = Parsed.sql(text + "\nWITH CONSISTENCY " + ladder.text());
        Statement.Sql without = Parsed.sql(text);
        assertThat(with)
                .isEqualTo(new Statement.Sql(
                        without.text(),
                        without.operation(),
                        without.tables(),
                        without.traits(),
                        without.parameterCount(),
                        without.structure(),
                        without.needs(),
                        new Asked(ladder, Source.CLAUSE)));
        assertThat(Parsed.one(SqlParser.render(with))).isEqualTo(with);
    }

    @Property(tries = 700)
    void aLadderSurvives(@ForAll("ladders") Ladder ladder) {
        assertThat(SqlParser.parseLadder(ladder.text())).isEqualTo(ladder);
    }

    @Property(tries = 1000)
    void everyTableIsFoundAndNothingElse(@ForAll("h2") String text) {
        Set<String> written = new TreeSet<>();
        Matcher matcher = TABLE.matcher(text);
        while (matcher.find()) {
            written.add("T" + matcher.group(1));
        }
        Set<String> found = new TreeSet<>();
        Parsed.sql(text).tables().forEach(table -> found.add(table.name().toUpperCase(Locale.ROOT)));
        found.remove("DUAL"); // who knows whether there is a table called so
        assertThat(found).isEqualTo(written);
    }

    @Property(tries = 300)
    void statementsOfAScriptAreThoseOfItsParts(@ForAll("h2") String first, @ForAll("own") String second) {
        assertThat(SqlParser.parse(first + "\n;;" + second + "\n;"))
                .containsExactly(Parsed.one(first), Parsed.one(second));
    }

    @Provide
    Arbitrary<String> h2() {
        return Sentences.h2();
    }

    @Provide
    Arbitrary<String> own() {
        return Sentences.own();
    }

    @Provide
    Arbitrary<Ladder> ladders() {
        return Sentences.ladders();
    }
}
