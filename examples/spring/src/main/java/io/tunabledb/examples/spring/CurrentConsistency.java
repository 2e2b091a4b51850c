package io.tunabledb.examples.spring;

import io.tunabledb.hibernate.ConsistencyInspector;
import java.util.function.Supplier;
import org.hibernate.resource.jdbc.spi.StatementInspector;
import org.jspecify.annotations.Nullable;

/** The level of the service method that runs on this thread, put into every read that Hibernate sends meanwhile. */
public final class CurrentConsistency implements StatementInspector {
    private static final long serialVersionUID = 1;
    private static final ThreadLocal<@Nullable ConsistencyInspector> CURRENT = new ThreadLocal<>();

    /** For Hibernate, which is told of it in application.yaml. */
    public CurrentConsistency() {}

    /** Runs {@code work} at that level. */
    static <T extends @Nullable Object> T during(ConsistencyInspector level, Supplier<T> work) {
        ConsistencyInspector outer = CURRENT.get();
        CURRENT.set(level);
        try {
            return work.get();
        } finally {
            CURRENT.set(outer);
        }
    }

    @Override
    public String inspect(String sql) {
        ConsistencyInspector current = CURRENT.get();
        return current == null ? sql : current.inspect(sql);
    }
}
