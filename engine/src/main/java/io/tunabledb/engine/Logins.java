package io.tunabledb.engine;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.access.Accounts;
import io.tunabledb.engine.access.Principal;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.scram.ScramException;
import io.tunabledb.engine.scram.Verifier;
import io.tunabledb.engine.url.DatabaseUrl;
import io.tunabledb.engine.url.Property;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The door of a database that has users: a session is for who names one and knows his password. A wrong name is answered as a
 * wrong password is, with the same words after the same work. A database without users lets everybody in.
 */
final class Logins {
    private static final int SECRET_BYTES = 32;

    private final Supplier<Accounts> accounts;
    private final LoginThrottle throttle;
    private final byte[] secret = new byte[SECRET_BYTES];

    /** @param accounts the newest that are known */
    Logins(Supplier<Accounts> accounts, LoginThrottle throttle) {
        this.accounts = accounts;
        this.throttle = throttle;
        new SecureRandom().nextBytes(secret);
    }

    /**
     * Who opens a session; null where nobody asks.
     *
     * @throws SQLException 28000 when he may not, 22023 when he says of which type he is
     */
    @Nullable
    Principal require(DatabaseUrl url) throws SQLException {
        Accounts known = accounts.get();
        if (!known.areInUse()) {
            return null;
        }
        String name = url.user().toUpperCase(Locale.ROOT);
        if (name.isEmpty()) {
            throw Errors.of(
                    SqlState.WRONG_LOGIN,
                    "the database has users, and this connection names none; give user= and password=");
        }
        Duration wait = throttle.waitOf(name);
        if (!wait.isZero()) {
            throw Errors.of(
                    SqlState.WRONG_LOGIN,
                    throttle.failures(name) + " logins as " + name
                            + " in a row have failed; the next one is looked at in " + wait.toMillis() + " ms");
        }
        Principal user = known.user(name);
        boolean fits = verifier(user, name).fits(url.value(Property.PASSWORD));
        if (!fits || user == null) {
            throttle.failed(name);
            throw Errors.of(
                    SqlState.WRONG_LOGIN,
                    "wrong user or password: there is no user " + name + ", or the password is another");
        }
        throttle.succeeded(name);
        if (url.properties().containsKey(Property.USER_TYPE)) {
            throw Errors.of(
                    SqlState.INVALID_ARGUMENT,
                    "userType=" + url.value(Property.USER_TYPE)
                            + " in the URL of a database that has users: the type of "
                            + name + " is in its record; leave it out, or let an administrator change it: ALTER USER "
                            + name + " SET TYPE '…'");
        }
        return user;
    }

    private Verifier verifier(@Nullable Principal user, String name) {
        if (user == null) {
            return Verifier.madeUp(name, secret);
        }
        try {
            return Verifier.parse(Objects.requireNonNull(user.login()).verifier());
        } catch (ScramException e) {
            throw new IllegalStateException("the verifier of user " + name + " in the catalog " + e.getMessage(), e);
        }
    }

    /** Returns when who opens a session may do what is only for administrators. */
    void requireAdmin(DatabaseUrl url, String what) throws SQLException {
        Principal user = require(url);
        if (user != null && !user.isAdmin()) {
            throw Errors.of(SqlState.ADMIN_RIGHTS_REQUIRED, what + " is for administrators; leave it out");
        }
    }
}
