package io.tunabledb.jdbc;

import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** With which arguments each method is called: what its parameters' types suggest, unless it is named here. */
final class Recipes {

    /** Up to here all combinations are tried, above it each argument is varied alone; fewer in most states. */
    private static final int MOST_COMBINATIONS = 700;

    private static final int FEW_COMBINATIONS = 40;

    private static final List<Argument> SQL = Argument.all(
            "SELECT * FROM T ORDER BY ID",
            "INSERT INTO T(NAME) VALUES ('a'), ('b')",
            "UPDATE T SET N = 9 WHERE ID > 2",
            "DELETE FROM T WHERE ID = 1",
            "MERGE INTO T(ID, NAME) KEY(ID) VALUES (1, 'm')",
            "SELECT {fn UCASE('x')}, {d '2026-11-22'} FROM T WHERE NAME LIKE 'o%' {escape '!'}",
            "UPDATE T SET N = 1; UPDATE T SET N = 2 WHERE ID = 1",
            "SELECT ID FROM T ORDER BY ID; DELETE FROM T WHERE ID = 2",
            "CALL ABS(-3)",
            "{call ABS(-3)}",
            "VALUES 1, 2",
            "SELECT ?",
            "SET @X = 5",
            "SELECT * FROM NOPE",
            "INSERT INTO T(ID) VALUES (1)",
            "SELEC 1",
            "-- nothing",
            "",
            null);
    private static final List<Argument> PREPARABLE = Argument.all(
            "SELECT * FROM T WHERE ID = ?",
            "INSERT INTO T(NAME, N) VALUES (?, ?)",
            "{? = call ABS(?)}",
            "{call ABS(?)}",
            "CALL ABS(?)",
            "SELECT CAST(? AS DATE), {fn LCASE(?)}",
            "UPDATE T SET N = ?; DELETE FROM T WHERE ID = ?",
            "SELECT * FROM NOPE",
            "SELEC ?",
            "",
            null);
    private static final List<Argument> TYPES = Argument.all(
            ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.TYPE_FORWARD_ONLY, ResultSet.TYPE_SCROLL_SENSITIVE, 0, 99);
    private static final List<Argument> CONCURRENCIES =
            Argument.all(ResultSet.CONCUR_READ_ONLY, ResultSet.CONCUR_UPDATABLE, 0);
    private static final List<Argument> HOLDABILITIES =
            Argument.all(ResultSet.HOLD_CURSORS_OVER_COMMIT, ResultSet.CLOSE_CURSORS_AT_COMMIT, 0);
    private static final List<Argument> KEYS =
            Argument.all(Statement.RETURN_GENERATED_KEYS, Statement.NO_GENERATED_KEYS, 99);
    private static final List<Argument> COUNTS = Argument.all(0, 1, 2, -1, 200);
    private static final List<Argument> ROWS = Argument.all(1, 2, 3, 4, 5, 0, -1, -4, -5, 99);
    private static final List<Argument> COLUMNS =
            Argument.all(IntStream.rangeClosed(0, 29).boxed().toArray());
    private static final List<Argument> LABELS = Argument.all(
            Stream.of(("B TI SI BI DE RE DP DF CH VC VI CL BN VB BL DA TM TZ TS TSZ IV IY U J EN AR RW ID id Vc NAME"
                                    + " NOPE")
                            .split(" "))
                    .toArray());
    private static final List<Argument> SOME_COLUMNS = Argument.all(11, 1, 5, 13, 16, 17, 27, 0, 99);
    private static final List<Argument> SOME_LABELS = Argument.all("VC", "ID", "BI", "CL", "BL", "DA", "NOPE", null);
    private static final List<Argument> CATALOGS = Argument.all(null, "METHODS", "", "NOPE", "%");
    private static final List<Argument> SCHEMAS = Argument.all("PUBLIC", null, "INFORMATION_SCHEMA", "", "NOPE", "P%");
    private static final List<Argument> TABLES = Argument.all("T", "CHILD", "V", "SEEN", "%", null, "", "NOPE");
    private static final List<Argument> NAMES = Argument.all("%", "ID", null, "NOPE");

    private static final Map<String, List<List<Argument>>> NAMED = new HashMap<>();

    static {
        connections();
        statements();
        rows();
        catalog();
    }

    private Recipes() {}

    @SafeVarargs
    @SuppressWarnings("varargs") // the lists are only read
    private static void on(Class<?> type, String method, List<Argument>... pools) {
        NAMED.put(type.getSimpleName() + "." + method, List.of(pools));
    }

    private static void connections() {
        Class<?> type = Connection.class;
        for (String prepare : List.of("prepareStatement", "prepareCall")) {
            on(type, prepare + "(String)", PREPARABLE);
            on(type, prepare + "(String,int,int)", PREPARABLE, TYPES, CONCURRENCIES);
            on(type, prepare + "(String,int,int,int)", PREPARABLE, TYPES, CONCURRENCIES, HOLDABILITIES);
        }
        on(type, "prepareStatement(String,int)", PREPARABLE, KEYS);
        on(type, "createStatement(int,int)", TYPES, CONCURRENCIES);
        on(type, "createStatement(int,int,int)", TYPES, CONCURRENCIES, HOLDABILITIES);
        on(type, "nativeSQL(String)", SQL);
        on(type, "setHoldability(int)", HOLDABILITIES);
        on(type, "setTransactionIsolation(int)", Argument.all(1, 2, 4, 8, 6, 0, 3));
        on(type, "setSchema(String)", SCHEMAS);
        on(type, "setCatalog(String)", CATALOGS);
        on(
                type,
                "createArrayOf(String,Object[])",
                Argument.all("INTEGER", "VARCHAR", "NOPE", null),
                Argument.of(Object[].class));
        on(
                type,
                "getClientInfo(String)",
                Argument.all("ApplicationName", "ClientUser", "ClientHostname", "numServers", "nope", null));
        on(
                type,
                "setClientInfo(String,String)",
                Argument.all("ApplicationName", "numServers", "nope", null),
                Argument.all("shop", null));
    }

    private static void statements() {
        Class<?> type = Statement.class;
        for (String execute : List.of("execute", "executeUpdate", "executeLargeUpdate")) {
            on(type, execute + "(String)", SQL);
            on(type, execute + "(String,int)", SQL, KEYS);
            on(type, execute + "(String,int[])", SQL, Argument.of(int[].class));
            on(type, execute + "(String,String[])", SQL, Argument.of(String[].class));
        }
        on(type, "executeQuery(String)", SQL);
        on(type, "addBatch(String)", SQL);
        on(type, "getMoreResults(int)", Argument.all(1, 2, 3, 0, 4));
        for (String setter : List.of("setMaxRows", "setFetchSize", "setQueryTimeout", "setMaxFieldSize")) {
            on(type, setter + "(int)", COUNTS);
        }
        on(type, "setFetchDirection(int)", Argument.all(1000, 1001, 1002, 0));
        List<Argument> names = Argument.all("ID", "id", "my id", "se\"lect", "SELECT", "", "1", null);
        on(type, "enquoteIdentifier(String,boolean)", names, Argument.of(boolean.class));
        on(type, "isSimpleIdentifier(String)", names);
        on(type, "enquoteLiteral(String)", Argument.all("it's", "", null));
        on(type, "enquoteNCharLiteral(String)", Argument.all("it's", "", null));
    }

    private static void rows() {
        Class<?> type = ResultSet.class;
        on(type, "absolute(int)", ROWS);
        on(type, "relative(int)", ROWS);
        on(type, "setFetchSize(int)", COUNTS);
        on(type, "setFetchDirection(int)", Argument.all(1000, 1001, 1002, 0));
        on(type, "findColumn(String)", LABELS);
    }

    private static void catalog() {
        Class<?> type = DatabaseMetaData.class;
        List<Argument> kinds = Argument.all(
                null, new String[] {"BASE TABLE"}, new String[] {"VIEW"}, new String[] {"TABLE"}, new String[0]);
        on(type, "getTables(String,String,String,String[])", CATALOGS, SCHEMAS, TABLES, kinds);
        on(type, "getColumns(String,String,String,String)", CATALOGS, SCHEMAS, TABLES, NAMES);
        on(type, "getPseudoColumns(String,String,String,String)", CATALOGS, SCHEMAS, TABLES, NAMES);
        on(type, "getColumnPrivileges(String,String,String,String)", CATALOGS, SCHEMAS, TABLES, NAMES);
        for (String method : List.of(
                "getTablePrivileges",
                "getPrimaryKeys",
                "getImportedKeys",
                "getExportedKeys",
                "getVersionColumns",
                "getSuperTables")) {
            on(type, method + "(String,String,String)", CATALOGS, SCHEMAS, TABLES);
        }
        on(
                type,
                "getIndexInfo(String,String,String,boolean,boolean)",
                CATALOGS,
                SCHEMAS,
                TABLES,
                Argument.of(boolean.class),
                Argument.of(boolean.class));
        on(
                type,
                "getCrossReference(String,String,String,String,String,String)",
                CATALOGS,
                SCHEMAS,
                TABLES,
                CATALOGS,
                SCHEMAS,
                Argument.all("CHILD", "T", null, "NOPE"));
        on(
                type,
                "getBestRowIdentifier(String,String,String,int,boolean)",
                CATALOGS,
                SCHEMAS,
                TABLES,
                Argument.all(0, 1, 2, 3),
                Argument.of(boolean.class));
        on(type, "getSchemas(String,String)", CATALOGS, SCHEMAS);
        on(type, "supportsResultSetType(int)", TYPES);
        on(type, "supportsResultSetConcurrency(int,int)", TYPES, CONCURRENCIES);
        on(type, "supportsResultSetHoldability(int)", HOLDABILITIES);
        on(type, "supportsTransactionIsolationLevel(int)", Argument.all(0, 1, 2, 4, 8, 6, 3));
        on(type, "supportsConvert(int,int)", Argument.all(Types.INTEGER, Types.REF), Argument.all(Types.VARCHAR));
    }

    static String signature(Method method) {
        return method.getName()
                + Arrays.stream(method.getParameterTypes())
                        .map(Class::getSimpleName)
                        .collect(Collectors.joining(",", "(", ")"));
    }

    /** All the argument lists with which {@code method} is to be called. */
    static List<List<Argument>> of(Stage stage, Method method) {
        return combine(pools(stage.type(), method), stage.isThorough() ? MOST_COMBINATIONS : FEW_COMBINATIONS);
    }

    private static List<List<Argument>> pools(Class<?> type, Method method) {
        for (Class<?> each : List.of(type, method.getDeclaringClass())) {
            List<List<Argument>> named = NAMED.get(each.getSimpleName() + "." + signature(method));
            if (named != null) {
                return named;
            }
        }
        List<List<Argument>> pools = new ArrayList<>();
        Class<?>[] types = method.getParameterTypes();
        boolean ofColumn =
                type == ResultSet.class && types.length > 0 && !method.getName().startsWith("set");
        boolean updates = method.getName().startsWith("update");
        for (int i = 0; i < types.length; i++) {
            if (i == 0 && ofColumn && types[i] == int.class) {
                pools.add(updates ? SOME_COLUMNS : COLUMNS);
            } else if (i == 0 && ofColumn && types[i] == String.class) {
                pools.add(updates ? SOME_LABELS : LABELS);
            } else if (i == 2 && types[1] == Object.class && types[i] == int.class) {
                pools.add(Argument.TYPES);
            } else {
                pools.add(Argument.of(types[i]));
            }
        }
        return pools;
    }

    private static List<List<Argument>> combine(List<List<Argument>> pools, int most) {
        long combinations = pools.stream().mapToLong(List::size).reduce(1, (a, b) -> a * b);
        List<List<Argument>> tuples = new ArrayList<>();
        if (combinations <= most && pools.size() <= 2) {
            tuples.add(List.of());
            for (List<Argument> pool : pools) {
                tuples = tuples.stream()
                        .flatMap(tuple -> pool.stream()
                                .map(next -> Stream.concat(tuple.stream(), Stream.of(next))
                                        .toList()))
                        .collect(Collectors.toList());
            }
            return tuples;
        }
        List<Argument> base = pools.stream().map(pool -> pool.get(0)).toList();
        tuples.add(base);
        for (int i = 0; i < base.size(); i++) {
            for (Argument other : pools.get(i).subList(1, pools.get(i).size())) {
                List<Argument> tuple = new ArrayList<>(base);
                tuple.set(i, other);
                tuples.add(tuple);
            }
        }
        return tuples;
    }
}
