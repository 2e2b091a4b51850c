package io.tunabledb.engine.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class TokenTest {
    private static final UUID DATABASE = new UUID(7, 8);

    @Test
    void survivesItsTextForm() throws BadTokenException {
        Random random = new Random(1);
        for (int i = 0; i < 1_000; i++) {
            int shards = 1 + random.nextInt(9);
            long[] read = random.longs(shards, 0, Long.MAX_VALUE).toArray();
            long[] write = random.longs(shards, 0, Long.MAX_VALUE).toArray();
            List<Token.Mark> marks = new ArrayList<>();
            for (int left = random.nextInt(4); left > 0; left--) {
                marks.add(new Token.Mark(
                        1 + random.nextInt(9), random.nextLong(), random.nextInt(shards), random.nextLong()));
            }
            Token token =
                    new Token(new UUID(random.nextLong(), random.nextLong()), read, write, random.nextLong(), marks);
            assertThat(Token.decode(token.encode())).isEqualTo(token).hasSameHashCodeAs(token);
        }
    }

    @Test
    void everyTornTokenIsRefused() {
        String whole = new Token(DATABASE, new long[] {5}, new long[] {6}).encode();
        for (int at = 0; at < whole.length(); at++) {
            String cut = whole.substring(0, at);
            assertThatThrownBy(() -> Token.decode(cut)).isInstanceOf(BadTokenException.class);
            char other = whole.charAt(at) == 'A' ? 'B' : 'A';
            String changed = whole.substring(0, at) + other + whole.substring(at + 1);
            // the last character of the text form carries bits that are not part of the token
            if (at < whole.length() - 1) {
                assertThatThrownBy(() -> Token.decode(changed)).isInstanceOf(BadTokenException.class);
            }
        }
        assertThatThrownBy(() -> Token.decode("no token!"))
                .isInstanceOf(BadTokenException.class)
                .hasMessageContaining("SHOW CONSISTENCY TOKEN");
    }

    @Test
    void mergingTakesTheMaximumOfEachPart() throws BadTokenException {
        SessionVector vector = new SessionVector(DATABASE, 2);
        vector.sawRead(0, 10);
        vector.wrote(1, 3);
        vector.merge(new Token(DATABASE, new long[] {4, 9}, new long[] {1, 2}));
        assertThat(vector.token()).isEqualTo(new Token(DATABASE, new long[] {10, 9}, new long[] {1, 3}));
    }

    @Test
    void marksAreMergedByIncarnationAndGoWhenTheyAreSettled() throws BadTokenException {
        SessionVector vector = new SessionVector(DATABASE, 1);
        vector.queued(new Token.Mark(1, 100, 0, 5));
        Token.Mark later = new Token.Mark(1, 100, 0, 7);
        Token.Mark other = new Token.Mark(1, 200, 0, 1);
        vector.merge(new Token(DATABASE, new long[1], new long[1], 0, List.of(later, other)));
        assertThat(vector.marks()).containsExactlyInAnyOrder(later, other);
        vector.settled(new Token.Mark(1, 100, 0, 5), 30);
        assertThat(vector.marks()).as("a later write still waits").contains(later);
        vector.settled(later, 40);
        assertThat(vector.token()).isEqualTo(new Token(DATABASE, new long[] {0}, new long[] {40}, 0, List.of(other)));
    }

    @Test
    void eachShardsPartOfAnOutboxHasItsOwnMark() {
        SessionVector vector = new SessionVector(DATABASE, 3);
        Token.Mark first = new Token.Mark(1, 100, 0, 5);
        Token.Mark second = new Token.Mark(1, 100, 2, 4);
        vector.queued(first);
        vector.queued(second);
        assertThat(vector.marks()).containsExactlyInAnyOrder(first, second);
        assertThat(vector.isOverSeveralShards()).isTrue();
        vector.settled(second, 9);
        assertThat(vector.token()).isEqualTo(new Token(DATABASE, new long[3], new long[] {0, 0, 9}, 0, List.of(first)));
    }

    @Test
    void aTokenOfVersionOneIsStillRead() throws BadTokenException {
        byte[] bytes = new byte[1 + 16 + 2 + 16 + 2 + 18 + 4];
        ByteBuffer old = ByteBuffer.wrap(bytes);
        old.put((byte) 1).putLong(7).putLong(8);
        old.putShort((short) 1).putLong(5).putLong(6);
        old.putShort((short) 1).putShort((short) 3).putLong(100).putLong(12);
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, old.position());
        old.putInt((int) crc.getValue());
        String text = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        Token expected = new Token(DATABASE, new long[] {5}, new long[] {6}, 0, List.of(new Token.Mark(3, 100, 0, 12)));
        assertThat(Token.decode(text)).isEqualTo(expected);
    }

    @Test
    void aTokenFromBeforeThereWereEpochsIsStillRead() throws BadTokenException {
        byte[] bytes = new byte[1 + 16 + 2 + 16 + 2 + 20 + 4];
        ByteBuffer old = ByteBuffer.wrap(bytes);
        old.put((byte) 2).putLong(7).putLong(8);
        old.putShort((short) 1).putLong(5).putLong(6);
        old.putShort((short) 1)
                .putShort((short) 3)
                .putLong(100)
                .putShort((short) 0)
                .putLong(12);
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, old.position());
        old.putInt((int) crc.getValue());
        String text = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        Token expected = new Token(DATABASE, new long[] {5}, new long[] {6}, 0, List.of(new Token.Mark(3, 100, 0, 12)));
        assertThat(Token.decode(text)).isEqualTo(expected);
    }

    @Test
    void theHighestEpochIsKept() throws BadTokenException {
        SessionVector vector = new SessionVector(DATABASE, 1);
        vector.sawEpoch(4);
        vector.merge(new Token(DATABASE, new long[1], new long[1], 9, List.of()));
        vector.sawEpoch(7);
        assertThat(vector.token().epoch()).isEqualTo(9);
    }

    @Test
    void aMarkOfAShardThatIsNotThereIsRefused() {
        String text = new Token(DATABASE, new long[1], new long[1], 0, List.of(new Token.Mark(1, 100, 1, 1))).encode();
        assertThatThrownBy(() -> Token.decode(text))
                .isInstanceOf(BadTokenException.class)
                .hasMessageContaining("shard 1 of 1");
    }

    @Test
    void anotherDatabasesTokenIsRefused() {
        SessionVector vector = new SessionVector(DATABASE, 1);
        assertThatThrownBy(() -> vector.merge(new Token(new UUID(1, 1), new long[1], new long[1])))
                .isInstanceOf(BadTokenException.class)
                .hasMessageContaining("is of database");
        assertThatThrownBy(() -> vector.merge(new Token(DATABASE, new long[2], new long[2])))
                .isInstanceOf(BadTokenException.class)
                .hasMessageContaining("2 shards");
    }
}
