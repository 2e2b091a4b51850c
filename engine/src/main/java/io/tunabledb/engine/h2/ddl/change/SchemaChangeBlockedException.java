package io.tunabledb.engine.h2.ddl.change;

/**
 * A definition could not get its locks in time: some other session of this replica holds them. Nothing was changed; end
 * those sessions' transactions and execute the definition again.
 */
public final class SchemaChangeBlockedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public SchemaChangeBlockedException(String message, Throwable cause) {
        super(message, cause);
    }
}
