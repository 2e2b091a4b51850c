package io.tunabledb.engine.plan;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a statement's tables were when it was planned, as the settings of the catalog said it then.
 *
 * @param tables none in a database with one shard, where everything is in one place
 */
public record PlannedPlaces(List<Table> tables) {

    public PlannedPlaces {
        tables = List.copyOf(tables);
    }

    /**
     * One table.
     *
     * @param sharding the setting that says where its rows are; null when there is none
     * @param moved the number of its last move; null when it never was
     */
    public record Table(
            String name,
            boolean isWritten,
            Catalog.Place place,
            @Nullable String sharding,
            @Nullable String moved) {

        /** Whether settings say that it is there. */
        public boolean isAt(Map<String, String> settings) {
            return Objects.equals(sharding, settings.get(place.sharding()))
                    && Objects.equals(moved, settings.get(place.moved()));
        }
    }

    /** The first table that settings say is elsewhere; null when there is none. */
    public @Nullable String moved(Map<String, String> settings) {
        for (Table table : tables) {
            if (!table.isAt(settings)) {
                return table.name();
            }
        }
        return null;
    }
}
