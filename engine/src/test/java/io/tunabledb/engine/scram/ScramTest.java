package io.tunabledb.engine.scram;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Both sides of the exchange: RFC 7677's own example, each other, and messages nobody should send. */
class ScramTest {
    private static final String CLIENT_NONCE = "rOprNGfwEbeRWgbNEkqO";
    private static final String SERVER_NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private static final String FIRST = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
    private static final String SERVER_FIRST =
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    private static final String ANSWER = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
            + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    private static final String SERVER_FINAL = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    private static final SecureRandom RANDOM = new SecureRandom();

    private static Verifier pencil() throws ScramException {
        return Verifier.of("pencil", Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
    }

    private static ScramServer server(Verifier verifier) {
        return new ScramServer(user -> verifier, SERVER_NONCE, ChannelBinding.NONE);
    }

    @Test
    void theExampleOfRfc7677() throws Exception {
        ScramClient client = new ScramClient("user", "pencil", CLIENT_NONCE, ChannelBinding.NONE);
        ScramServer server = server(pencil());
        assertThat(client.first()).isEqualTo(FIRST);
        assertThat(server.first(FIRST)).isEqualTo(SERVER_FIRST);
        assertThat(client.answer(SERVER_FIRST)).isEqualTo(ANSWER);
        assertThat(server.last(ANSWER)).isEqualTo(new ScramServer.Login("user", SERVER_FINAL));
        client.check(SERVER_FINAL);
    }

    @Test
    void aVerifierIsReadAsItWasWritten() throws Exception {
        Verifier verifier = Verifier.of("a password, with = and $:", RANDOM);
        Verifier read = Verifier.parse(verifier.text());
        assertThat(read.text()).isEqualTo(verifier.text()).startsWith("SCRAM-SHA-256$15000:");
        assertThat(read.fits("a password, with = and $:")).isTrue();
        assertThat(read.fits("a password, with = and $")).isFalse();
        assertThat(read.fits("")).isFalse();
        assertThat(read.fits("x".repeat(2_000))).isFalse();
        assertThat(verifier.toString()).isEqualTo("SCRAM-SHA-256 verifier");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "SCRAM-SHA-256",
                "SCRAM-SHA-1$4096:AA==$AA==:AA==",
                "SCRAM-SHA-256$4096:AA==$AA==:AA==",
                "SCRAM-SHA-256$1:W22ZaJ0SNY7soEsUEjb6gQ==$dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=:"
                        + "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                "SCRAM-SHA-256$99999999999:!$!:!"
            })
    void whatIsNoVerifierIsRefused(String text) {
        assertThatThrownBy(() -> Verifier.parse(text)).isInstanceOf(ScramException.class);
    }

    @Test
    void bothSidesUnderstandEachOther() throws Exception {
        Random random = new Random(7);
        for (int i = 0; i < 20; i++) {
            String user = word(random) + ",=" + word(random);
            String password = word(random);
            Verifier verifier = Verifier.of(password, RANDOM);
            ChannelBinding binding =
                    i % 2 == 0 ? ChannelBinding.NONE : ChannelBinding.exporter(new byte[] {1, 2, (byte) i});
            ScramClient client = new ScramClient(user, password, ScramServer.nonce(RANDOM), binding);
            ScramServer server = new ScramServer(name -> verifier, ScramServer.nonce(RANDOM), binding);
            ScramServer.Login login = server.last(client.answer(server.first(client.first())));
            assertThat(login).isNotNull();
            assertThat(login.user()).isEqualTo(user);
            client.check(login.message());
        }
    }

    private static String word(Random random) {
        return random.ints(1 + random.nextInt(12), 'a', 'z')
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    @Test
    void aWrongPasswordAndAnUnknownUserAreAnsweredAlike() throws Exception {
        byte[] secret = "of the server".getBytes(UTF_8);
        Verifier known = Verifier.of("right", RANDOM);
        Function<String, Verifier> verifiers = user -> user.equals("ann") ? known : Verifier.madeUp(user, secret);
        for (String user : new String[] {"ann", "nobody"}) {
            ScramClient client = new ScramClient(user, "wrong", ScramServer.nonce(RANDOM), ChannelBinding.NONE);
            ScramServer server = new ScramServer(verifiers, ScramServer.nonce(RANDOM), ChannelBinding.NONE);
            String first = server.first(client.first());
            assertThat(first).matches("r=[^,]{48},s=[^,]{24},i=15000");
            assertThat(server.last(client.answer(first))).isNull();
        }
        // the same salt each time, as a user has who is there
        assertThat(Verifier.madeUp("nobody", secret).text())
                .isEqualTo(Verifier.madeUp("nobody", secret).text())
                .isNotEqualTo(Verifier.madeUp("somebody", secret).text());
    }

    @Test
    void aServerThatDoesNotKnowTheUserIsFoundOut() throws Exception {
        ScramClient client = new ScramClient("user", "pencil", CLIENT_NONCE, ChannelBinding.NONE);
        var unused = client.answer(SERVER_FIRST);
        assertThatThrownBy(() -> client.check("v=" + Base64.getEncoder().encodeToString(new byte[32])))
                .hasMessageContaining("can't prove");
        assertThatThrownBy(() -> client.check("e=other-error")).hasMessageContaining("refuses");
    }

    @Test
    void anExchangeCannotBePassedOnToAnotherConnection() throws Exception {
        ChannelBinding here = ChannelBinding.exporter(new byte[] {1});
        ChannelBinding there = ChannelBinding.exporter(new byte[] {2});
        Verifier verifier = pencil();
        ScramClient client = new ScramClient("user", "pencil", CLIENT_NONCE, here);
        ScramServer server = new ScramServer(user -> verifier, SERVER_NONCE, there);
        String answer = client.answer(server.first(client.first()));
        assertThatThrownBy(() -> server.last(answer)).hasMessageContaining("another exchange or connection");
        // told by somebody between that the server can't bind
        assertThatThrownBy(() -> new ScramServer(user -> verifier, SERVER_NONCE, there).first("y,,n=user,r=abc"))
                .hasMessageContaining("channel binding");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",",
                "n",
                "n,,",
                "n,,n=user",
                "n,,n=,r=abc",
                "n,,n=us=er,r=abc",
                "n,a=other,n=user,r=abc",
                "n,,m=new,n=user,r=abc",
                "n,,r=abc,n=user",
                "n,,n=user,r=",
                "n,,n=user,r=a\u0001b",
                "n,,n=us\u0000er,r=abc",
                "n,,n=user,r=abc,rubbish",
                "p=tls-unique,,n=user,r=abc",
                "q,,n=user,r=abc"
            })
    void aFirstMessageNobodyShouldSendIsRefused(String message) {
        assertThatThrownBy(() -> server(pencil()).first(message)).isInstanceOf(ScramException.class);
    }

    @Test
    void longMessagesAndNamesAreRefused() throws Exception {
        String longest = "x".repeat(100_000);
        assertThatThrownBy(() -> server(pencil()).first("n,,n=user,r=" + longest))
                .hasMessageContaining("4096");
        assertThatThrownBy(() -> server(pencil()).first("n,,n=" + "u".repeat(300) + ",r=abc"))
                .hasMessageContaining("256");
        ScramServer server = server(pencil());
        var unused = server.first(FIRST);
        assertThatThrownBy(() -> server.last(ANSWER + longest)).hasMessageContaining("4096");
    }

    @ParameterizedTest
    @CsvSource({
        "'', attribute",
        "'c=biws', too soon",
        "'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0', without a proof",
        "'c=!!,r=x,p=AA==', base64",
        "'c=biws,r=other,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=', another exchange",
        "'c=eSws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',"
                + " another exchange",
        "'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=AA==', another exchange"
    })
    void aLastMessageNobodyShouldSendIsRefused(String message, String why) throws Exception {
        ScramServer server = server(pencil());
        var unused = server.first(FIRST);
        assertThatThrownBy(() -> server.last(message))
                .isInstanceOf(ScramException.class)
                .hasMessageContaining(why);
        // it is over: the right one comes too late
        assertThatThrownBy(() -> server.last(ANSWER)).hasMessageContaining("without a first");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "r=rOprNGfwEbeRWgbNEkqO,s=AA==,i=4096",
                "r=other,s=AA==,i=4096",
                "r=rOprNGfwEbeRWgbNEkqOx,s=,i=4096",
                "r=rOprNGfwEbeRWgbNEkqOx,s=AA==,i=1",
                "r=rOprNGfwEbeRWgbNEkqOx,s=AA==,i=2000000000",
                "r=rOprNGfwEbeRWgbNEkqOx,s=AA==,i=many",
                "m=x,r=rOprNGfwEbeRWgbNEkqOx,s=AA==,i=4096"
            })
    void aServerNobodyShouldTrustIsRefused(String message) {
        ScramClient client = new ScramClient("user", "pencil", CLIENT_NONCE, ChannelBinding.NONE);
        assertThatThrownBy(() -> client.answer(message)).isInstanceOf(ScramException.class);
    }

    /** Whatever comes, it is refused as a message, or is one. */
    @Test
    void rubbishIsRefusedAsRubbish() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Verifier verifier = pencil();
        for (int i = 0; i < 2_000; i++) {
            StringBuilder message = new StringBuilder(random.nextBoolean() ? FIRST : ANSWER);
            for (int j = random.nextInt(4); j >= 0; j--) {
                message.setCharAt(random.nextInt(message.length()), ",=\u0000\uD800np/+".charAt(random.nextInt(8)));
                message.setLength(1 + random.nextInt(message.length()));
            }
            ScramServer server = server(verifier);
            try {
                var unused = server.first(random.nextBoolean() ? FIRST : message.toString());
                assertThat(server.last(message.toString()))
                        .as("seed %d: %s", seed, message)
                        .isNull();
            } catch (ScramException e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
        }
    }

    /** RFC 4013, section 3, and what is like its examples. */
    @ParameterizedTest
    @CsvSource({
        "'I\u00ADX', IX",
        "user, user",
        "USER, USER",
        "\u00AA, a",
        "\u2168, IX",
        "'a\u00A0b', 'a b'",
        "'a\u3000b', 'a b'",
        "'pe\u0301', 'p\u00E9'",
        "'\u06271\u0628', '\u06271\u0628'"
    })
    void passwordsArePrepared(String written, String prepared) throws Exception {
        assertThat(SaslPrep.of(written)).isEqualTo(prepared);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0007", "\u06271", "a\uE000", "a\uD800", "\uFFFD", "a\u0627", "a\u200E"})
    void prohibitedPasswordsAreRefused(String password) {
        assertThatThrownBy(() -> Verifier.of(password, RANDOM))
                .isInstanceOf(ScramException.class)
                .hasMessageNotContaining(password);
    }

    @Test
    void anEmptyOrAVeryLongPasswordIsRefused() {
        assertThatThrownBy(() -> Verifier.of("", RANDOM)).hasMessage("is empty");
        assertThatThrownBy(() -> Verifier.of("x".repeat(1_001), RANDOM)).hasMessageContaining("1000");
    }
}
