package io.tunabledb.engine.h2.gather;

import io.tunabledb.engine.h2.Storage;
import io.tunabledb.engine.h2.catalog.SystemSchema;
import io.tunabledb.engine.h2.catalog.SystemView;
import io.tunabledb.engine.h2.snapshot.SchemaScript;
import io.tunabledb.engine.h2.sql.ReservedNames;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.h2.engine.Database;
import org.h2.schema.Schema;
import org.h2.table.Column;
import org.h2.table.Table;

/**
 * The schema a private database is made with, taken from a shard's.
 *
 * @param catalog the name users see as their catalog
 * @param system the tables of schema {@value ReservedNames#SYSTEM_SCHEMA} that answer by themselves
 * @param script makes everything else, its views over the engine's own tables as tables to be filled
 */
record GatherSchema(String catalog, SystemSchema system, SchemaScript script) {

    /** The schema as it is; call it while no definition runs. */
    static GatherSchema of(Storage storage) {
        Database database = storage.database();
        SchemaScript users = SchemaScript.of(database);
        List<String> before = new ArrayList<>();
        Schema own = database.findSchema(ReservedNames.SYSTEM_SCHEMA);
        for (SystemView view : storage.system().views()) {
            Table table = own.findTableOrView(null, view.name());
            before.add("CREATE TABLE " + ReservedNames.SYSTEM_SCHEMA + "." + view.name()
                    + Stream.of(table.getColumns())
                            .map(Column::getCreateSQL)
                            .collect(Collectors.joining(", ", "(", ")")));
        }
        before.addAll(users.before());
        SystemSchema tablesOnly = new SystemSchema(
                storage.system().tables(), List.of(), storage.system().compatibility());
        List<String> after = new ArrayList<>(users.after());
        after.removeIf(SchemaScript::isNoSql);
        return new GatherSchema(database.getShortName(), tablesOnly, new SchemaScript(before, after));
    }
}
