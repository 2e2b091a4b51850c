package io.tunabledb.jdbc;

import java.util.Hashtable;
import javax.naming.Context;
import javax.naming.Name;
import javax.naming.Reference;
import javax.naming.spi.ObjectFactory;
import org.jspecify.annotations.Nullable;

/** Makes the data source that was bound in JNDI; a container's configuration may name it as {@code factory}. */
public final class TunableDataSourceFactory implements ObjectFactory {

    /** For JNDI. */
    public TunableDataSourceFactory() {}

    /** A new data source, or null when {@code reference} is of something else. */
    @Override
    public @Nullable Object getObjectInstance(
            @Nullable Object reference,
            @Nullable Name name,
            @Nullable Context context,
            @Nullable Hashtable<?, ?> environment) {
        return reference instanceof Reference of && of.getClassName().equals(TunableDataSource.class.getName())
                ? TunableDataSource.of(of)
                : null;
    }
}
