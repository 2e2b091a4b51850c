package io.tunabledb.engine.shard.log;

import io.tunabledb.engine.log.LogPosition;
import org.jspecify.annotations.Nullable;

/**
 * What is done with an entry when it is applied, one method for each kind of {@link Entry}: {@link Entry#applyTo} finds it.
 * Each says whether rows or the schema changed. {@code held} is what this node handed to the log with the entry, if it led.
 */
public interface EntryHandlers {
    boolean write(LogPosition at, Entry.Write entry, @Nullable Object held);

    boolean define(LogPosition at, Entry.Define entry, @Nullable Object held);

    boolean prepare(LogPosition at, Entry.Prepare entry, @Nullable Object held);

    boolean decide(LogPosition at, Entry.Decide entry, @Nullable Object held);

    boolean finish(LogPosition at, Entry.Finish entry);

    boolean forget(LogPosition at, Entry.Forget entry);

    boolean start(LogPosition at, Entry.Start entry);

    boolean cancel(LogPosition at, Entry.Cancel entry);

    boolean close(LogPosition at, Entry.Close entry);

    boolean check(LogPosition at, Entry.Check entry);
}
