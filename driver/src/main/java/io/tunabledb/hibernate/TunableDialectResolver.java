package io.tunabledb.hibernate;

import org.hibernate.dialect.Dialect;
import org.hibernate.engine.jdbc.dialect.spi.DialectResolutionInfo;
import org.hibernate.engine.jdbc.dialect.spi.DialectResolver;
import org.jspecify.annotations.Nullable;

/** Chooses {@link TunableDialect} where our driver is, so that users need not set it. */
public final class TunableDialectResolver implements DialectResolver {
    private static final long serialVersionUID = 1;

    /** For the service loader. */
    public TunableDialectResolver() {}

    @Override
    public @Nullable Dialect resolveDialect(DialectResolutionInfo info) {
        return "TunableDB".equals(info.getDriverName()) ? new TunableDialect(info) : null;
    }
}
