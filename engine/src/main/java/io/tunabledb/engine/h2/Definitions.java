package io.tunabledb.engine.h2;

import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.function.Function;
import org.h2.api.ErrorCode;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.message.DbException;
import org.h2.util.TimeZoneProvider;

/** Executes definitions: the same on every replica, whatever their sessions are doing. */
final class Definitions {
    private final H2Instance h2;
    private final Ledger ledger;
    private final Sequences sequences;

    Definitions(H2Instance h2, Ledger ledger, Sequences sequences) {
        this.h2 = h2;
        this.ledger = ledger;
        this.sequences = sequences;
    }

    DefinitionResult execute(
            JdbcConnection connection,
            LedgerRow row,
            Definition definition,
            Function<DefinitionResult, byte[]> outcome) {
        SessionLocal session = H2Instance.session(connection);
        session.lock();
        try {
            sequences.settle();
            IndexNames names = new IndexNames(session.getDatabase());
            TableSettings settings = new TableSettings(session.getDatabase());
            DefinitionResult result = execute(connection, definition);
            names.settle(session);
            settings.settle(connection);
            if (result.ok()) {
                for (Map.Entry<String, String> setting :
                        settings.brought(definition).entrySet()) {
                    TableSettings.put(connection, setting.getKey(), setting.getValue());
                }
            }
            sequences.defined(row.term());
            h2.grant();
            LedgerRow answered = row.withOutcome(outcome.apply(result));
            ledger.insert(session, answered);
            session.commit(false);
            ledger.applied(answered);
            return result;
        } catch (SQLException e) {
            throw new IllegalStateException("can't apply entry " + row.index() + ": " + e.getMessage(), e);
        } finally {
            session.unlock();
        }
    }

    private static DefinitionResult execute(JdbcConnection connection, Definition definition) throws SQLException {
        SessionLocal session = H2Instance.session(connection);
        try (Statement statement = connection.createStatement()) {
            connection.setSchema(definition.schema());
            if (definition.sql().isEmpty()) {
                return DefinitionResult.done(0);
            }
            session.setTimeZone(TimeZoneProvider.ofId(definition.timeZone()));
            String refusal = DefinitionRules.refusal(session, definition);
            if (refusal != null) {
                return DefinitionResult.refused(refusal);
            }
            return DefinitionResult.done(statement.executeLargeUpdate(definition.sql()));
        } catch (SQLException e) {
            if (e.getErrorCode() == ErrorCode.LOCK_TIMEOUT_1 || e.getErrorCode() == ErrorCode.DEADLOCK_1) {
                connection.rollback();
                throw new DefinitionBlockedException("locked by another session: " + definition.sql(), e);
            }
            return DefinitionResult.failed(e);
        } catch (DbException e) {
            return DefinitionResult.failed(e.getSQLException());
        }
    }
}
