package io.tunabledb.examples.spring;

import io.tunabledb.jdbc.TunableConnection;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ContentCachingResponseWrapper;

/**
 * Hands the session token to the client and takes it back, so that a client whose next request another instance answers
 * still reads its own writes. All connections of this instance share one session (tokenScope=datasource), so any of them
 * will do.
 */
@Component
class TokenFilter extends OncePerRequestFilter {
    static final String HEADER = "Consistency-Token";
    private static final String BAD_TOKEN = "TC004";

    private final DataSource dataSource;

    TokenFilter(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return request.getRequestURI().startsWith("/actuator");
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String token = request.getHeader(HEADER);
        if (token != null && !use(token)) {
            response.sendError(HttpServletResponse.SC_BAD_REQUEST, HEADER + " is not a token of this database");
            return;
        }
        // the token is known only after the work, and headers go out before the body
        ContentCachingResponseWrapper held = new ContentCachingResponseWrapper(response);
        chain.doFilter(request, held);
        held.setHeader(HEADER, token());
        held.copyBodyToResponse();
    }

    private boolean use(String token) throws ServletException {
        try (Connection connection = dataSource.getConnection()) {
            connection.unwrap(TunableConnection.class).useConsistencyToken(token);
            return true;
        } catch (SQLException e) {
            if (BAD_TOKEN.equals(e.getSQLState())) {
                return false;
            }
            throw new ServletException(e);
        }
    }

    private String token() throws ServletException {
        try (Connection connection = dataSource.getConnection()) {
            return connection.unwrap(TunableConnection.class).consistencyToken();
        } catch (SQLException e) {
            throw new ServletException(e);
        }
    }
}
