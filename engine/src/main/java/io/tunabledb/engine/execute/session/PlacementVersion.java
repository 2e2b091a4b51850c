package io.tunabledb.engine.execute.session;

import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.plan.Plan;
import io.tunabledb.engine.plan.PlannedPlaces;
import io.tunabledb.engine.plan.PlannedPlaces.Table;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where a statement's tables were when it was planned. It is compared with where they are at each replica it comes to, inside
 * the gate that keeps schema changes out there: a plan made for other places would miss rows, or meet them twice.
 *
 * <p>Why that is enough. A table's rows and the setting that says where they are change in one log entry of each shard, and
 * writers are kept off from before the first shard's entry until after the last one's. So a replica that has the setting a
 * plan was made for has the rows that belong to it, and replicas of all shards that have it make up one whole table, however
 * far apart they are. One that has the later setting has all that was written before it, so sessions still find there what they
 * wrote and saw in other shards. A table that is sharded one way, another, and the first way again has another number of its last
 * move, so a replica that slept through both is not taken for one that has them.
 */
public final class PlacementVersion {
    /** Of a statement in a database with one shard, where everything is in one place. */
    public static final PlacementVersion NONE = new PlacementVersion(new PlannedPlaces(List.of()));

    private final PlannedPlaces places;

    public PlacementVersion(PlannedPlaces places) {
        this.places = places;
    }

    /** The same as a value. */
    public PlannedPlaces places() {
        return places;
    }

    /** Of a plan made with this catalog. */
    public static PlacementVersion of(Plan plan, Catalog catalog) {
        if (catalog.buckets().shards() == 1) {
            return NONE;
        }
        Map<String, Table> tables = new LinkedHashMap<>();
        List<Plan.Table> all = new ArrayList<>(catalog.withoutViews(plan).tables());
        catalog.hidden(plan).forEach(touched -> all.add(touched.table()));
        for (Plan.Table table : all) {
            Catalog.Place place = Catalog.place(table.schema(), table.name());
            boolean isWritten = table.use() == Statement.Use.WRITE;
            Table known = tables.get(table.toString());
            tables.put(
                    table.toString(),
                    new Table(
                            table.toString(),
                            isWritten || (known != null && known.isWritten()),
                            place,
                            catalog.placed().get(place.sharding()),
                            catalog.placed().get(place.moved())));
        }
        return new PlacementVersion(new PlannedPlaces(List.copyOf(tables.values())));
    }

    /**
     * For a read, inside the replica's gate.
     *
     * @throws StalePlanException a table is elsewhere than it was planned for
     */
    public void require(Replica replica) throws StalePlanException {
        if (!places.tables().isEmpty()) {
            String moved = places.moved(replica.settings());
            if (moved != null) {
                throw new StalePlanException(moved(moved, replica));
            }
        }
    }

    /**
     * For a statement at the leader, inside its gate: no other session may be about to move what it changes.
     *
     * @throws StalePlanException a table is elsewhere than it was planned for, or a schema change is at it
     */
    public void requireAtLeader(Replica leader) throws StalePlanException {
        require(leader);
        for (Table table : places.tables()) {
            if (table.isWritten() && leader.settings().containsKey(table.place().frozen())) {
                throw new StalePlanException("a schema change in all shards is at " + table.name()
                        + " and kept the statement waiting; run it again when that is done");
            }
        }
    }

    /** Whether these tables have changed shards since the settings were {@code before}. */
    public boolean hasMovedSince(Map<String, String> before) {
        return places.moved(before) != null;
    }

    private static String moved(String table, Replica replica) {
        return "table " + table + " changes shards: " + replica.nodeName() + " of shard " + replica.shard()
                + " has it elsewhere than the newest catalog says; run it again";
    }
}
