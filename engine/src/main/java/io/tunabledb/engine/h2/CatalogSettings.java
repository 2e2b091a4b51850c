package io.tunabledb.engine.h2;

import io.tunabledb.engine.h2.ddl.EffectSettings;
import io.tunabledb.engine.h2.ddl.view.TableUses;
import io.tunabledb.engine.h2.ddl.view.Views;
import io.tunabledb.engine.h2.sharding.ShardColumns;
import java.sql.SQLException;
import java.util.IdentityHashMap;
import java.util.Map;
import org.h2.engine.Database;
import org.h2.table.TableView;

/**
 * What a replica's catalog says: the engine's settings, as last committed, and the tables behind views and synonyms and the
 * columns of sharded tables as if they were settings too.
 */
final class CatalogSettings {
    private CatalogSettings() {}

    /** By name. On the apply thread. */
    static Map<String, String> of(Database database, OwnTables own) throws SQLException {
        Map<String, String> catalog = own.settings();
        Map<String, String> columns = ShardColumns.settings(database, catalog);
        IdentityHashMap<TableView, TableUses> views = new IdentityHashMap<>();
        catalog.putAll(Views.settings(database, views));
        catalog.putAll(Views.drawing(database, views));
        catalog.putAll(Views.synonyms(database));
        catalog.putAll(EffectSettings.of(database));
        catalog.putAll(columns);
        return catalog;
    }
}
