package io.tunabledb.engine.shard.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EntryTest {

    @Test
    void entriesSurviveTheLog() {
        for (int flags = 0; flags < 4; flags++) {
            Entry.Write write = new Entry.Write(1, 2, 3, flags % 2 == 1, flags > 1, new byte[] {4}, new byte[] {5, 6});
            assertThat(Entry.decode(write.encode())).usingRecursiveComparison().isEqualTo(write);
        }
        Entry.Define define = new Entry.Define(1, 2, 3, "PUBLIC", "CREATE TABLE Ä(X INT)");
        assertThat(Entry.decode(define.encode())).isEqualTo(define);
        Entry.Define withSettings = new Entry.Define(
                1, 2, 3, "S", "", Map.of("table.shard.S.Ä", "BY ID", "table.read.S.T", "EVENTUAL", "empty", ""));
        assertThat(Entry.decode(withSettings.encode())).isEqualTo(withSettings);
        for (Entry.Check check : new Entry.Check[] {new Entry.Check(9, null, null), new Entry.Check(9, "S", "T")}) {
            assertThat(Entry.decode(check.encode())).isEqualTo(check);
        }
    }

    @Test
    void entriesOverShardsSurviveTheLog() {
        for (Entry entry : new Entry[] {
            new Entry.Prepare(1, 2, 3, 4, 5, new byte[] {6}, new byte[] {7, 8}),
            new Entry.Prepare(1, 2, 3, 4, 5, new byte[0], new byte[0]),
            new Entry.Decide(1, 2, 3, 4, List.of(5, 6), new byte[] {7}, new byte[] {8, 9}, new byte[] {1}),
            new Entry.Start(7),
            new Entry.Cancel(7),
            new Entry.Close(7, List.of()),
            new Entry.Close(7, List.of(new Entry.Close.Later(new TransactionId(1, 2), 8))),
            new Entry.Finish(-1, 2, true, 3),
            new Entry.Finish(1, 2, false, 0),
            new Entry.Forget(List.of(new TransactionId(1, 2), new TransactionId(-3, 4)))
        }) {
            assertThat(Entry.decode(entry.encode())).usingRecursiveComparison().isEqualTo(entry);
        }
    }

    @Test
    void unknownBytesAreRefusedNotGuessed() {
        byte[] bytes = new Entry.Define(1, 2, 3, "S", "D").encode();
        byte[] newer = bytes.clone();
        newer[0] = 9;
        assertThatThrownBy(() -> Entry.decode(newer))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("format 9");
        byte[] odd = bytes.clone();
        odd[1] = 'Z';
        assertThatThrownBy(() -> Entry.decode(odd))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("'Z'");
    }

    @Test
    void outcomesSurviveTheLedger() {
        for (Outcome outcome : new Outcome[] {
            Outcome.DONE,
            Outcome.count(7),
            new Outcome(new long[] {1, -3}, new byte[][] {{1, 2}, {}}, null),
            Outcome.failed(new Outcome.Failure("23505", 23505, "Unique ü"))
        }) {
            assertThat(Outcome.decode(outcome.encode()))
                    .usingRecursiveComparison()
                    .isEqualTo(outcome);
        }
    }
}
