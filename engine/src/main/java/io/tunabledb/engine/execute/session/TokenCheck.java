package io.tunabledb.engine.execute.session;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.message.Message;
import io.tunabledb.engine.message.TokenMessage;
import io.tunabledb.engine.route.ClusterView;
import io.tunabledb.engine.route.Router;
import io.tunabledb.engine.session.BadTokenException;
import io.tunabledb.engine.session.Token;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The session's test of tokens: one is of this database, and its shards' logs hold what it has seen. A token of a restored
 * database's future is refused, because its reads would wait for ever.
 */
public final class TokenCheck {
    private final SessionState state;

    TokenCheck(SessionState state) {
        this.state = state;
    }

    /**
     * Merges a token into what the session has seen; the empty text makes it forget all that it has seen and written.
     *
     * @throws SQLException TC004 when it is torn, of another database, from the future or made up
     */
    public void use(String text) throws SQLException {
        if (text.isEmpty()) {
            state.vector().clear();
            return;
        }
        Token token = decode(text);
        require(token, state.consistencyTimeout());
        try {
            state.vector().merge(token);
        } catch (BadTokenException e) {
            throw refused(e);
        }
    }

    /** TC004 when a statement's AFTER token is no token of this database's present. */
    public void checkAfter(@Nullable String token, Duration patience) throws SQLException {
        if (token != null) {
            checked(token, patience);
        }
    }

    /** A token of this database's present; TC004 when it is torn, foreign or of the future. */
    Token checked(String text, Duration patience) throws SQLException {
        Token token = decode(text);
        require(token, patience);
        // what is done after it may be an effect of what its session has seen
        state.vector().sawEpoch(token.epoch());
        return token;
    }

    /** The highest epoch that a token's session had seen anything of; 0 without one. */
    public long epochAfter(@Nullable String token) throws SQLException {
        return token == null ? 0 : decode(token).epoch();
    }

    /** A token of this database; TC004 for any other text. */
    Token decode(String text) throws SQLException {
        try {
            Token token = Token.decode(text);
            state.vector().checkOurs(token);
            return token;
        } catch (BadTokenException e) {
            throw refused(e);
        }
    }

    private static SQLException refused(BadTokenException e) {
        return Errors.of(SqlState.BAD_TOKEN, Objects.requireNonNullElse(e.getMessage(), "bad token"), e);
    }

    private void require(Token token, Duration patience) throws SQLException {
        try {
            refuseFromTheFuture(token, patience);
        } catch (BadTokenException e) {
            throw refused(e);
        }
    }

    /** Without a majority to ask nothing can be said, and the token's reads wait. */
    private void refuseFromTheFuture(Token token, Duration patience) throws BadTokenException {
        if (token.epoch() > 0) {
            refuseEpochFromTheFuture(token.epoch(), patience);
        }
        for (int shard = 0; shard < state.cluster().shards(); shard++) {
            if (token.seen(shard) > 0) {
                refuseIndexFromTheFuture(state.at(shard), token.seen(shard), patience);
            }
        }
        for (Token.Mark mark : token.marks()) {
            String unknown = new MarkOrigin(state.at(mark.shard()), mark).unknown(Deadline.in(patience));
            if (unknown != null) {
                throw new BadTokenException(
                        "session token can't be used: " + unknown + "; take a fresh one with SHOW CONSISTENCY TOKEN");
            }
        }
    }

    /** A leader would close epochs up to one that no cut has begun. */
    private void refuseEpochFromTheFuture(long epoch, Duration patience) throws BadTokenException {
        ShardSession first = state.at(0);
        int node = Router.leader(first.view());
        if (epoch <= state.cluster().released(state.home()) || node == 0) {
            return;
        }
        Long newest = ask(first, node, new TokenMessage.NewestCut(epoch), patience);
        if (newest != null && newest < epoch) {
            throw new BadTokenException("session token has seen epoch " + epoch + ", the newest begun is " + newest
                    + ": it is from the future of a restored database; take a fresh one");
        }
    }

    /** Null when no replica can tell. */
    private static @Nullable Long ask(ShardSession session, int node, Message<Long> message, Duration patience) {
        try {
            return Asking.orNull(session.state(), node, message, Deadline.in(patience));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    private static void refuseIndexFromTheFuture(ShardSession session, long needed, Duration patience)
            throws BadTokenException {
        ClusterView view = session.view();
        int node = Router.leader(view);
        if (node == 0 || view.replicas().stream().anyMatch(replica -> replica.applied() >= needed)) {
            return;
        }
        Long last = ask(session, node, new TokenMessage.LogEnd(session.shard()), patience);
        if (last != null && last < needed) {
            throw new BadTokenException(
                    "session token has seen index " + needed + " of shard " + session.shard() + ", whose log ends at "
                            + last + ": it is from the future of a restored database; take a fresh one");
        }
    }
}
