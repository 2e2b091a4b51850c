package io.tunabledb.engine.h2.sharding;

import io.tunabledb.engine.h2.row.Tables;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.h2.engine.Database;
import org.h2.mvstore.db.MVTable;
import org.h2.table.Column;

/** Which columns an INSERT without columns fills, so that it can be told from its text which value is the shard key. */
public final class ShardColumns {
    private static final String PREFIX = "columns.";

    private ShardColumns() {}

    /**
     * {@code columns.SCHEMA.TABLE} of every table with a shard key: the names of its visible columns, in order, a line
     * each, as {@link Tables#listed} writes them.
     *
     * @param settings the settings as stored
     */
    public static Map<String, String> settings(Database database, Map<String, String> settings) {
        Map<String, String> columns = new TreeMap<>();
        if (settings.keySet().stream().noneMatch(ShardSettings::isOne)) {
            return columns;
        }
        for (MVTable table : Tables.replicated(database)) {
            String name = Tables.nameOf(table).toString();
            if (settings.containsKey(ShardSettings.PREFIX + name)) {
                columns.put(
                        PREFIX + name,
                        Arrays.stream(table.getColumns())
                                .filter(Column::getVisible)
                                .map(column -> Tables.listed(column.getName()))
                                .collect(Collectors.joining("\n")));
            }
        }
        return columns;
    }
}
