package io.tunabledb.jdbc.parameter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ParameterValuesTest {

    private Connection connection;
    private PreparedStatement target;

    @BeforeEach
    void open() throws SQLException {
        connection = DriverManager.getConnection("jdbc:h2:mem:");
        target = connection.prepareStatement("SELECT CAST(? AS VARCHAR), CAST(? AS BIGINT)");
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
    }

    private String boundBy(ParameterValues values) throws SQLException {
        values.bind(target);
        try (ResultSet rows = target.executeQuery()) {
            rows.next();
            return rows.getString(1) + " " + rows.getString(2);
        }
    }

    @Test
    void bindsAsOftenAsReplicasAreTried() throws SQLException {
        ParameterValues values = new ParameterValues(2);
        values.set(1, Setter.TEXT, Materialised.text(new StringReader("once"), -1));
        values.set(2, Setter.LONG, 5L);
        assertThat(boundBy(values)).isEqualTo("once 5");
        assertThat(boundBy(values)).isEqualTo("once 5");
    }

    @Test
    void aValueThatIsNotSetIsMissedEvenIfTheTargetStillHasOne() throws SQLException {
        ParameterValues values = new ParameterValues(2);
        values.set(1, Setter.STRING, "a");
        values.set(2, Setter.INT, 1);
        assertThat(boundBy(values)).isEqualTo("a 1");
        values.clear();
        values.set(1, Setter.STRING, "b");
        assertThatThrownBy(() -> values.bind(target))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("#2")
                .extracting("SQLState")
                .isEqualTo("90012");
    }

    @Test
    void aSnapshotDoesNotFollowLaterSets() throws SQLException {
        ParameterValues values = new ParameterValues(2);
        values.set(1, Setter.STRING, "first");
        values.setNull(2);
        ParameterValues snapshot = values.snapshot();
        values.set(1, Setter.STRING, "second");
        assertThat(boundBy(snapshot)).isEqualTo("first null");
        assertThat(boundBy(values)).isEqualTo("second null");
    }

    @Test
    void aStreamIsReadUpToItsLengthOrItsEnd() throws SQLException {
        assertThat(Materialised.bytes(new ByteArrayInputStream(new byte[] {1, 2, 3}), 2))
                .containsExactly(1, 2);
        assertThat(Materialised.bytes(new ByteArrayInputStream(new byte[] {1, 2, 3}), 9))
                .containsExactly(1, 2, 3);
        // as H2 has it: no length that is no length
        assertThat(Materialised.bytes(new ByteArrayInputStream(new byte[] {1}), 0))
                .containsExactly(1);
        assertThat(Materialised.text(new StringReader("abc"), 2)).isEqualTo("ab");
        assertThat(Materialised.text(new StringReader("abc"), -1)).isEqualTo("abc");
        assertThat(Materialised.text(new StringReader("x".repeat(10_000)), -1)).hasSize(10_000);
    }

    @Test
    void anEndlessStreamIsRefusedAtTheLimit() {
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 0;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) {
                return length;
            }
        };
        assertThatThrownBy(() -> Materialised.bytes(endless, -1))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("tunabledb.maxLobBytes")
                .extracting("SQLState")
                .isEqualTo("TC006");
    }

    @Test
    void aBrokenStreamIsTheUsersError() {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("torn cable");
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                throw new IOException("torn cable");
            }
        };
        assertThatThrownBy(() -> Materialised.bytes(broken, -1))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("torn cable")
                .hasCauseInstanceOf(IOException.class);
    }
}
