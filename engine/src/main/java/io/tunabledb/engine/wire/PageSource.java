package io.tunabledb.engine.wire;

import org.jspecify.annotations.Nullable;

/** Gives pages, one each time one is wanted: never more than its reader has asked for are made. */
public interface PageSource extends AutoCloseable {

    /** The next page; null when there is no more. May wait. */
    byte @Nullable [] next(Cancel cancel) throws Exception;

    /** Nobody reads on. Called once. */
    @Override
    void close();
}
