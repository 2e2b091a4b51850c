package io.tunabledb.engine;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Operation;
import io.tunabledb.consistency.Receipt;
import io.tunabledb.consistency.Rule;
import io.tunabledb.consistency.Rung;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.CallOptions;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.execute.ddl.SchemaChanges;
import io.tunabledb.engine.execute.ddl.SettingsPath;
import io.tunabledb.engine.execute.ddl.ShardsCheck;
import io.tunabledb.engine.execute.ddl.StalePlans;
import io.tunabledb.engine.execute.outbox.OutboxPath;
import io.tunabledb.engine.execute.outbox.RejectedWrites;
import io.tunabledb.engine.execute.read.CommitWait;
import io.tunabledb.engine.execute.read.ReadPath;
import io.tunabledb.engine.execute.read.RouteExplanation;
import io.tunabledb.engine.execute.scatter.Reads;
import io.tunabledb.engine.execute.scatter.Writes;
import io.tunabledb.engine.execute.session.LostTables;
import io.tunabledb.engine.execute.session.Meaning;
import io.tunabledb.engine.execute.session.PlacementVersion;
import io.tunabledb.engine.execute.session.Query;
import io.tunabledb.engine.execute.session.SessionStart;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.session.StalePlanException;
import io.tunabledb.engine.execute.session.Underway;
import io.tunabledb.engine.execute.transaction.WriteLadder;
import io.tunabledb.engine.execute.transaction.WritePath;
import io.tunabledb.engine.h2.ddl.DefinitionEffect;
import io.tunabledb.engine.h2.ddl.OwnDefinitions;
import io.tunabledb.engine.h2.internals.SqlErrors;
import io.tunabledb.engine.h2.internals.Stacks;
import io.tunabledb.engine.load.Activity;
import io.tunabledb.engine.load.LoadMeter;
import io.tunabledb.engine.load.RuleCounts;
import io.tunabledb.engine.monitor.Meter;
import io.tunabledb.engine.monitor.SlaMonitor;
import io.tunabledb.engine.negotiate.Agreement;
import io.tunabledb.engine.negotiate.Ask;
import io.tunabledb.engine.negotiate.Load;
import io.tunabledb.engine.negotiate.Negotiator;
import io.tunabledb.engine.outbox.OutboxStatus;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.plan.Plan;
import io.tunabledb.engine.plan.Planner;
import io.tunabledb.engine.plan.ShardRoute;
import io.tunabledb.engine.plan.SystemTables;
import io.tunabledb.engine.plan.TableEffects;
import io.tunabledb.engine.plan.Touched;
import io.tunabledb.engine.session.BadTokenException;
import io.tunabledb.engine.session.Token;
import io.tunabledb.engine.url.DatabaseUrl;
import io.tunabledb.engine.url.Property;
import io.tunabledb.sql.CreateAs;
import io.tunabledb.sql.Statement;
import io.tunabledb.sql.Statement.Trait;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The state behind one JDBC connection: what it has seen and written, its defaults, its open transaction. Not safe for
 * use by many threads at once; the driver serialises. Statements come in through {@link #prepare}, and each goes one way
 * down from here: plan, negotiate, then the read, write or define path.
 */
public final class Session implements AutoCloseable {
    /** The engine's own tables can be read where nothing else can. */
    private static final Agreement SYSTEM_READ =
            new Agreement(Ladder.of(Level.EVENTUAL), "SYSTEM TABLE", Ladder.of(Level.EVENTUAL), null);

    private static final Ladder SEQUENTIAL = Ladder.of(Level.SEQUENTIAL);

    private final Database database;
    private final DatabaseUrl url;
    private final SessionState state;
    private final Reads reads;
    private final CommitWait commitWait;
    private final Writes writes;
    private final OutboxPath outbox;
    private final RejectedWrites rejected;
    private final SchemaChanges definitions;
    private final SettingsPath settings;
    private final Commands commands;
    private final @Nullable Ladder urlLadder;
    private final String userType;
    private final Activity activity;
    private final Observation observation;
    private final AtomicBoolean closed = new AtomicBoolean();
    private @Nullable Receipt lastReceipt;
    /** Changes whenever a decision made for a statement may no longer hold. */
    private int decisions;

    private boolean autoCommitAfterTransaction;
    /** Whether a LINEARIZABLE transaction has read where nobody will validate it. */
    private boolean readBeside;

    private SessionStart start = SessionStart.EMPTY;
    /** Tables that only the session's own storage session on the leader knows. */
    private final Set<String> temporaryTables = new HashSet<>();

    Session(Database database, DatabaseUrl url, SessionState state) throws SQLException {
        this.database = database;
        this.url = url;
        this.state = state;
        state.user(url.user());
        this.commitWait = new CommitWait(state);
        this.writes = new Writes(state);
        this.reads = new Reads(state, writes);
        this.outbox = new OutboxPath(state);
        this.rejected = new RejectedWrites(state);
        this.definitions = new SchemaChanges(state, SchemaChanges.Limits.of(url));
        this.settings = new SettingsPath(state.at(0));
        this.commands = new Commands(this);
        this.urlLadder = url.consistency();
        this.userType = url.value(Property.USER_TYPE);
        this.activity = database.load().open();
        state.onCancel(() -> {
            reads.cancel();
            writes.cancel();
        });
        this.observation = new Observation(state, activity, database.ruleCounts());
    }

    /** Runs what the URL says each connection begins with; {@link #reset} returns to what is SET then. */
    void init() throws SQLException {
        if (url.init().isBlank()) {
            return;
        }
        try (Call call = prepare(url.init(), CallOptions.DEFAULT)) {
            call.execute(Parameters.NONE);
        }
        lastReceipt = null;
        resetToThis();
    }

    /**
     * Parses {@code sql} and prepares it for execution; nothing runs yet.
     *
     * @throws SQLException 42001 with line:column when it does not follow the grammar, TC005 when it is refused, TC006 when
     *     it is nested too deeply
     */
    public Call prepare(String sql, CallOptions options) throws SQLException {
        requireOpen();
        boolean isDeep = Nesting.isDeep(sql);
        try {
            List<Statement> statements = isDeep
                    ? Stacks.<List<Statement>, SQLException>deep(() -> database.parse(sql))
                    : database.parse(sql);
            return new Call(this, statements, options, isDeep);
        } catch (StackOverflowError e) {
            throw Nesting.overflow(e);
        } catch (OutOfMemoryError e) {
            throw outOfMemory(e);
        }
    }

    /** What is thrown when memory has ended in what was under way: nobody's thread ends with it. */
    SQLException outOfMemory(OutOfMemoryError e) {
        return state.underway().isProposed()
                ? Errors.of(
                        SqlState.OUTCOME_UNKNOWN,
                        "memory ended when the write was proposed already: it may take effect or not; look before you"
                                + " repeat it",
                        e)
                : SqlErrors.outOfMemory(e);
    }

    // ---- statements ----

    /** A statement's decision, good while nothing it was made from has changed. */
    record Decision(
            Meaning meaning,
            Plan plan,
            PlacementVersion placementVersion,
            Agreement agreement,
            List<String> tables,
            int decisions,
            long catalogVersion,
            Load load,
            Meter meter) {}

    boolean isCurrent(Decision decision) {
        return decision.decisions == decisions
                && decision.catalogVersion == state.cluster().catalog().version()
                && isStill(decision.load);
    }

    /** The meter makes a new one whenever a decision may change. */
    @SuppressWarnings("ReferenceEquality") // the point of it: nothing is compared on the way of every statement
    private boolean isStill(Load load) {
        return load == database.load().load();
    }

    /** What a text that is prepared now means. */
    Meaning meaning() {
        return state.meaning();
    }

    Decision decide(Statement.Sql statement) throws SQLException {
        return decide(statement, null);
    }

    /** @param meant what the statement's names mean; null: what they mean now */
    Decision decide(Statement.Sql statement, @Nullable Meaning meant) throws SQLException {
        Meaning meaning = Objects.requireNonNullElse(meant, state.meaning());
        Catalog catalog = namingTemporary(state.cluster().catalog(), meaning.schema());
        Load load = database.load().load();
        Plan plan = Planner.plan(state.qualified(statement, meaning, patience(statement)), meaning.schema(), catalog);
        requireOwnTables(statement, plan);
        if (concernsTemporaryTables(statement, plan)) {
            if (plan.kind() == Plan.Kind.DEFINE && statement.traits().contains(Trait.CREATE_AS_SELECT)) {
                throw Errors.of(
                        SqlState.NOT_SUPPORTED,
                        "only the session itself knows its local temporary table, and every replica has to create this"
                                + " one; create it with its columns, then INSERT INTO … SELECT");
            }
            // what concerns several shards keeps its level's promise for their rows
            boolean isSpread = plan.kind() == Plan.Kind.READ && plan.shards().size() > 1;
            plan = isSpread ? plan : plan.inWritingSession();
        }
        if (statement.traits().contains(Trait.ASSIGNS_VARIABLES)
                && !plan.shards().equals(List.of(0))) {
            throw Errors.of(
                    SqlState.NOT_SUPPORTED,
                    "assigns a variable in a statement that may need shards " + plan.shards()
                            + ", and each would have a value of its own; write SET @variable = (SELECT …) instead, or"
                            + " number rows with ROWNUM() or ROW_NUMBER() OVER ()");
        }
        String refusal = SystemTables.refusal(plan);
        if (refusal != null) {
            throw Errors.of(SqlState.NOT_ALLOWED, refusal);
        }
        Ask ask = ask(statement, plan);
        Agreement agreement = statement.asked() == null && SystemTables.readsNothingElse(plan)
                ? SYSTEM_READ
                : Negotiator.decide(ask, plan, catalog, load);
        // the views, what stands behind them, and what is read and changed by the way
        List<String> tables = Stream.of(
                        plan.tables().stream(),
                        catalog.withoutViews(plan).tables().stream(),
                        catalog.hidden(plan).stream().map(Touched::table))
                .flatMap(Function.identity())
                .map(Plan.Table::toString)
                .distinct()
                .toList();
        Meter meter = database.monitor().meter(plan.operation(), tables);
        return new Decision(
                meaning,
                plan,
                PlacementVersion.of(plan, catalog),
                agreement,
                tables,
                decisions,
                catalog.version(),
                load,
                meter);
    }

    /** What a change of the leader took from the session, no statement finds empty, or takes another's for it. */
    private void requireOwnTables(Statement.Sql statement, Plan plan) throws SQLException {
        LostTables lost = state.lostTables();
        if (lost.isEmpty()) {
            return;
        }
        try {
            lost.require(plan, statement.traits().contains(Trait.LOCAL_TEMPORARY), settings::hasTable);
        } catch (SQLException e) {
            writes.doom(String.valueOf(e.getMessage()));
            throw e;
        }
    }

    private Catalog namingTemporary(Catalog catalog, String schema) {
        for (String table : temporaryTables) {
            if (TableEffects.isToBeNamed(table)) {
                return catalog.naming(schema + "." + table);
            }
        }
        return catalog;
    }

    private boolean concernsTemporaryTables(Statement.Sql statement, Plan plan) throws SQLException {
        if (temporaryTables.isEmpty()) {
            return false;
        }
        return usesTemporaryTables(plan)
                ? plan.kind() != Plan.Kind.DEFINE || definesTemporaryTable(plan)
                : plan.kind() == Plan.Kind.DEFINE && writes.dropsOwnIndex(statement.text());
    }

    private Ask ask(Statement.Sql statement, Plan plan) {
        boolean isRead = plan.kind() == Plan.Kind.READ;
        return new Ask(
                statement.asked(),
                state.transactionRung,
                isRead ? state.readDefault : state.writeDefault,
                urlLadder,
                userType);
    }

    /** Which rules were looked at, which matched, what they did. */
    List<String> explainDecision(Statement.Sql statement, Decision decision) {
        return Negotiator.explain(
                ask(statement, decision.plan), decision.plan, state.cluster().catalog(), decision.load);
    }

    List<Rule> rules() {
        return state.cluster().catalog().rules();
    }

    /** What the database's definitions say beyond H2's schema. */
    Catalog catalog() {
        return state.cluster().catalog();
    }

    LoadMeter load() {
        return database.load();
    }

    /** How often rules raised or downgraded executions of this database in this process. */
    public RuleCounts ruleCounts() {
        return database.ruleCounts();
    }

    Result execute(Statement.Sql statement, Decision decision, Query query, Parameters parameters) throws SQLException {
        return observed(decision, () -> carryOut(statement, decision, query, parameters));
    }

    /**
     * Executes a definition that says where the rows of its first table are.
     *
     * @param sharding as the table's setting has it
     */
    Result define(Statement.Sql statement, Decision decision, String sharding) throws SQLException {
        return observed(decision, () -> carryOutDefinition(statement, decision, sharding));
    }

    /** What one statement does. */
    private interface Work {
        Result run() throws SQLException;
    }

    private Result observed(Decision decision, Work work) throws SQLException {
        requireOpen();
        state.time().begin(state.autoCommit);
        long began = observation.begin(decision);
        Receipt receipt = null;
        Result result;
        try {
            result = work.run();
            receipt = result.receipt();
            commitWait.answer(receipt, state.autoCommit && decision.plan.kind() != Plan.Kind.READ);
        } catch (SQLException e) {
            throw failed(decision, e);
        } finally {
            observation.end(decision, receipt, began);
        }
        lastReceipt = result.receipt();
        ended(decision, lastReceipt);
        return observation.told(decision, result);
    }

    private SQLException failed(Decision decision, SQLException failure) throws SQLException {
        observation.failed(decision, failure);
        commitWait.failure(failure, decision.agreement);
        return failure;
    }

    /** In autocommit mode a statement was a transaction of its own. */
    private void ended(Decision decision, @Nullable Receipt receipt) throws SQLException {
        if (!state.autoCommit) {
            return;
        }
        if (decision.plan.isWrite() && receipt != null) {
            decision.meter.acknowledged(receipt);
        }
        if (state.transactionRung != null) {
            endOfTransaction();
        }
    }

    private Result carryOut(Statement.Sql statement, Decision decision, Query query, Parameters parameters)
            throws SQLException {
        return switch (decision.plan.kind()) {
            case READ -> planned(statement, decision, query, now -> read(now, query, parameters));
            case WRITE -> {
                requireWritable(statement);
                requireOnlyReads(statement, decision.plan());
                boolean keepsTransaction =
                        statement.operation() == Operation.DDL && OwnDefinitions.keepsTransaction(statement.text());
                if (isTemporaryFromShards(statement)) {
                    yield temporaryFromQuery(statement, decision, keepsTransaction, parameters);
                }
                if (statement.operation() == Operation.DDL) {
                    yield changeTemporaryTables(
                            decision,
                            keepsTransaction,
                            now -> writeBatch(statement, now, query, List.of(parameters))
                                    .get(0));
                }
                yield writeBatch(statement, decision, query, List.of(parameters))
                        .get(0);
            }
            case DEFINE -> carryOutDefinition(statement, decision, null);
        };
    }

    List<Result> executeBatch(Statement.Sql statement, Decision decision, Query query, List<Parameters> batch)
            throws SQLException {
        requireOpen();
        requireWritable(statement);
        state.time().begin(state.autoCommit);
        long began = observation.begin(decision);
        Receipt receipt = null;
        List<Result> results;
        try {
            results = writeBatch(statement, decision, query, batch);
            receipt = results.isEmpty() ? null : results.get(0).receipt();
            commitWait.answer(receipt, state.autoCommit);
        } catch (SQLException e) {
            throw failed(decision, e);
        } finally {
            observation.end(decision, receipt, began);
        }
        lastReceipt = receipt == null ? lastReceipt : receipt;
        ended(decision, lastReceipt);
        return results.stream()
                .map(result -> observation.told(decision, result))
                .toList();
    }

    private List<Result> writeBatch(Statement.Sql statement, Decision decision, Query query, List<Parameters> batch)
            throws SQLException {
        return planned(
                statement,
                decision,
                query,
                now -> WriteLadder.run(
                        now.agreement,
                        state.autoCommit,
                        agreement -> writeBatch(
                                statement, now.plan, new WritePath.Write(query, agreement, now.tables), batch)));
    }

    /** What is done with a decision. */
    private interface Decided<T> {
        T with(Decision decision) throws SQLException;
    }

    /** Decides again for as long as the statement's tables change shards under it and there is time. */
    private <T> T planned(Statement.Sql statement, Decision decision, Query query, Decided<T> work)
            throws SQLException {
        PlacementVersion outer = state.placementVersion;
        StalePlans stale = new StalePlans(state, definitions);
        Decision now = decision;
        try {
            while (true) {
                state.placementVersion = now.placementVersion;
                try {
                    return work.with(now);
                } catch (StalePlanException e) {
                    if (!state.lostTables().isEmpty()) {
                        findTemporaryTables();
                    }
                    stale.waitAfter(e);
                    now = decide(statement, query.meaning());
                }
            }
        } finally {
            state.placementVersion = outer;
        }
    }

    /** To the node's outbox if that is enough, else to the leader. */
    private List<Result> writeBatch(Statement.Sql statement, Plan plan, WritePath.Write write, List<Parameters> batch)
            throws SQLException {
        Agreement agreement = write.agreement();
        if (OutboxPath.isWeak(agreement)) {
            String obstacle = OutboxPath.obstacle(statement, writes.inTransaction());
            if (obstacle == null && usesTemporaryTables(plan)) {
                obstacle = "its temporary table is at the leader";
            }
            List<Integer> shards = obstacle == null ? outbox.shards(plan.placement(), batch) : null;
            if (shards != null) {
                return outbox.writeBatch(new OutboxPath.WeakWrite(statement, write, shards), batch);
            }
            agreement =
                    Negotiator.raised(agreement, Objects.requireNonNullElse(obstacle, "it concerns several shards"));
        }
        if (agreement.granted().first().level() == Level.LINEARIZABLE) {
            requireNothingBeside();
        }
        outbox.requireNotGathering(agreement);
        return writes.writeBatch(
                new WritePath.Write(write.query(), agreement, write.tables()),
                plan.placement(),
                batch,
                one -> writeBatch(statement, decide(statement, write.query().meaning()), write.query(), List.of(one))
                        .get(0));
    }

    private boolean usesTemporaryTables(Plan plan) {
        return !temporaryTables.isEmpty()
                && plan.tables().stream().anyMatch(table -> temporaryTables.contains(table.name()));
    }

    private Result read(Decision decision, Query query, Parameters parameters) throws SQLException {
        // reads inside a writing transaction must see its rows, so they run where it runs
        boolean isValidated = isValidated(decision);
        if (isValidated) {
            requireNothingBeside();
            readBeside = !writes.inTransaction()
                    && !state.reachesLeaders(decision.plan().shards());
        }
        boolean isAlone = usesTemporaryTables(decision.plan())
                && decision.plan().placement().route(parameters::value) instanceof ShardRoute.OneShard;
        if (writes.inTransaction() || state.readsNeedTransaction() || (isValidated && !readBeside) || isAlone) {
            return writes.write(
                    new WritePath.Write(query, decision.agreement, decision.tables),
                    decision.plan.placement(),
                    parameters);
        }
        return reads.read(
                new ReadPath.Read(query, decision.agreement, decision.tables), decision.plan.placement(), parameters);
    }

    /** What a LINEARIZABLE transaction reads is validated at its commit, at the leader, also before it writes anything. */
    private boolean isValidated(Decision decision) {
        return !state.autoCommit
                && decision.agreement.granted().rungs().stream().allMatch(rung -> rung.level() == Level.LINEARIZABLE);
    }

    /**
     * A LINEARIZABLE transaction whose leader is out of reach has its first read served by a follower, which a majority has
     * confirmed to be up to date: alone that is all there is to promise. With another statement it is not.
     */
    private void requireNothingBeside() throws SQLException {
        if (readBeside) {
            throw Errors.of(
                    SqlState.RETRY_TRANSACTION,
                    "the transaction's first LINEARIZABLE read was served by a follower, because the leader was out of "
                            + "reach, and nobody could validate it together with a second statement; run it again");
        }
    }

    private Result carryOutDefinition(Statement.Sql statement, Decision decision, @Nullable String sharding)
            throws SQLException {
        requireWritable(statement);
        if (statement.parameterCount() > 0) {
            throw Errors.of(
                    SqlState.NOT_SUPPORTED,
                    "a schema change takes no parameters, found " + statement.parameterCount()
                            + "; write the values as literals");
        }
        // as in H2, a schema change commits the open transaction first; not one of a sequence, which is in nobody's way
        DefinitionEffect effect =
                definitions.effect(statement, decision.meaning(), !state.autoCommit && writes.inTransaction());
        if (!effect.keepsTransaction()) {
            commit();
        }
        if (statement.traits().contains(Trait.CREATE_AS_SELECT)) {
            CreateAs parts = CreateAs.of(statement);
            return new TableFromQuery(this, definitions, parts, decision, sharding).create();
        }
        Plan.Table table = decision.plan().tables().isEmpty()
                ? null
                : decision.plan().tables().get(0);
        Map<String, String> settings = sharding == null || table == null
                ? Map.of()
                : Map.of(Catalog.shardSetting(table.schema(), table.name()), sharding);
        return definitions.define(
                statement.text(),
                settings,
                effect.changesSequence() ? decision.plan().besideTransactions() : decision.plan(),
                decision.agreement(),
                decision.meaning());
    }

    /** Runs {@code sql} as a transaction of its own, whatever the mode. */
    void runAlone(String sql) throws SQLException {
        boolean auto = state.autoCommit;
        state.autoCommit = true;
        try (Call call = prepare(sql, CallOptions.DEFAULT)) {
            call.execute(Parameters.NONE);
        } finally {
            state.autoCommit = auto;
        }
    }

    /** H2 commits on most of a storage session's own DDL, which must not happen behind the log's back. */
    private Result changeTemporaryTables(Decision decision, boolean keepsTransaction, Decided<Result> definition)
            throws SQLException {
        if (!keepsTransaction) {
            commit();
        }
        try {
            return definition.with(decision);
        } finally {
            findTemporaryTables();
        }
    }

    /** H2 commits when it has filled the table, and with it what the query has changed: nobody would log that. */
    private static void requireOnlyReads(Statement.Sql statement, Plan plan) throws SQLException {
        List<Plan.Table> tables = plan.tables();
        if (!statement.traits().contains(Trait.CREATE_AS_SELECT)) {
            return;
        }
        // the first is the one that is created
        for (Plan.Table table : tables.subList(Math.min(1, tables.size()), tables.size())) {
            if (table.use() == Statement.Use.WRITE) {
                throw Errors.of(
                        SqlState.NOT_ALLOWED,
                        "CREATE LOCAL TEMPORARY TABLE AS a query that changes " + table
                                + " is not allowed; create the table, then INSERT INTO it what the query gives");
            }
        }
    }

    /** Asks the storage session: it alone knows what a definition made, and what ON COMMIT DROP or a new leader took. */
    private void findTemporaryTables() throws SQLException {
        Set<String> found = writes.temporaryTables().stream()
                .map(table -> table.name().name())
                .collect(Collectors.toSet());
        if (!found.equals(temporaryTables)) {
            temporaryTables.clear();
            temporaryTables.addAll(found);
            decisions++;
        }
    }

    /** Whether a definition is of a temporary table: where H2 finds a table that everybody has, it takes that one. */
    private boolean definesTemporaryTable(Plan plan) throws SQLException {
        findTemporaryTables();
        for (Plan.Table table : plan.tables()) {
            if (temporaryTables.contains(table.name()) && !settings.hasTable(table.schema(), table.name())) {
                return true;
            }
        }
        return false;
    }

    private boolean isTemporaryFromShards(Statement.Sql statement) {
        return state.cluster().shards() > 1
                && statement.traits().containsAll(Set.of(Trait.LOCAL_TEMPORARY, Trait.CREATE_AS_SELECT));
    }

    /** Its storage session creates it empty, because it has no rows of other shards. */
    private Result temporaryFromQuery(
            Statement.Sql statement, Decision decision, boolean keepsTransaction, Parameters parameters)
            throws SQLException {
        CreateAs parts = CreateAs.of(statement);
        Plan.Table table = decision.plan().tables().get(0);
        String name = quote(table.schema()) + "." + quote(table.name());
        if (parts.isConditional()
                && (temporaryTables.contains(table.name()) || settings.hasTable(table.schema(), table.name()))) {
            return new Result(null, 0, null, null, null);
        }
        Result created = changeTemporaryTables(
                decision, keepsTransaction, now -> inWritingSession(statement, now, parts.definition(name)));
        String query = parts.query();
        if (query == null) {
            return created;
        }
        try (Call fill =
                prepare("/*+ CONSISTENCY(SEQUENTIAL) */ INSERT INTO " + name + " " + query, CallOptions.DEFAULT)) {
            var unused = fill.execute(parameters);
            return created;
        } catch (SQLException e) {
            if (keepsTransaction) {
                writes.forgetTemporaryTable(table.name());
                findTemporaryTables();
            } else {
                rollback();
                changeTemporaryTables(decision, false, now -> inWritingSession(statement, now, "DROP TABLE " + name));
            }
            throw e;
        }
    }

    private Result inWritingSession(Statement.Sql statement, Decision decision, String sql) throws SQLException {
        try (Query query = new Query(sql, CallOptions.DEFAULT)) {
            return writeBatch(statement, decision, query, List.of(Parameters.NONE))
                    .get(0);
        }
    }

    private void requireWritable(Statement.Sql statement) throws SQLException {
        if (state.readOnly) {
            throw Errors.of(
                    SqlState.NOT_ALLOWED,
                    statement.operation() + " on a read-only connection; call setReadOnly(false) first");
        }
        if (!freesMemory(statement)) {
            database.requireMemory();
        }
        database.requireDisk();
    }

    /** What makes room must not be refused for want of room. */
    private static boolean freesMemory(Statement.Sql statement) {
        String text = statement.text().stripLeading();
        return statement.operation() == Operation.DELETE
                || text.regionMatches(true, 0, "DROP", 0, 4)
                || text.regionMatches(true, 0, "TRUNCATE", 0, 8);
    }

    Result execute(Statement statement) throws SQLException {
        requireOpen();
        return commands.execute(statement);
    }

    void requireOpen() throws SQLException {
        if (closed.get()) {
            throw Errors.of(SqlState.CONNECTION_CLOSED, "the connection is closed; open a new one");
        }
        if (state.cluster().isClosed()) {
            throw Errors.of(SqlState.CONNECTION_CLOSED, "the database is closed; open a new connection");
        }
    }

    // ---- transactions ----

    /** Whether every statement is a transaction of its own; true at first. */
    public boolean autoCommit() {
        return state.autoCommit;
    }

    /** Switching commits an open transaction, as JDBC says. */
    public void setAutoCommit(boolean autoCommit) throws SQLException {
        requireOpen();
        if (autoCommit != state.autoCommit) {
            commit();
            state.autoCommit = autoCommit;
            autoCommitAfterTransaction = false;
        }
    }

    /** BEGIN: manual commit until the transaction ends. */
    void begin() throws SQLException {
        if (state.autoCommit) {
            setAutoCommit(false);
            autoCommitAfterTransaction = true;
        }
    }

    /** Commits. 40001 when it certainly was rolled back, 08007 when nobody could tell in time. */
    public void commit() throws SQLException {
        requireOpen();
        state.underway().begin();
        try {
            outbox.commit();
            boolean hasWritten = writes.inTransaction();
            writes.commit();
            if (hasWritten) {
                commitWait.committed("transaction");
            }
        } catch (OutOfMemoryError e) {
            writes.rollback();
            throw outOfMemory(e);
        } finally {
            state.underway().end();
            endOfTransaction();
        }
    }

    /** Rolls back. */
    public void rollback() throws SQLException {
        requireOpen();
        outbox.rollback();
        writes.rollback();
        endOfTransaction();
    }

    private void endOfTransaction() throws SQLException {
        readBeside = false;
        state.time().end();
        reads.endTransaction();
        if (state.transactionRung != null) {
            state.transactionRung = null;
            decisions++;
        }
        if (autoCommitAfterTransaction) {
            autoCommitAfterTransaction = false;
            state.autoCommit = true;
        }
    }

    /** Sets a savepoint of that name in the open transaction. */
    public void savepoint(String name) throws SQLException {
        control("SAVEPOINT " + quote(name));
    }

    /** Rolls back to the savepoint. */
    public void rollbackTo(String name) throws SQLException {
        control("ROLLBACK TO SAVEPOINT " + quote(name));
    }

    /** Forgets the savepoint. */
    public void releaseSavepoint(String name) throws SQLException {
        control("RELEASE SAVEPOINT " + quote(name));
    }

    void control(String text) throws SQLException {
        requireOpen();
        if (state.autoCommit) {
            return;
        }
        if (outbox.isGathering()) {
            for (Statement statement : database.parse(text)) {
                outbox.control((Statement.TransactionControl) statement);
            }
        } else {
            writes.control(text);
        }
    }

    static String quote(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    // ---- options ----

    /** Whether the connection is for reading only. */
    public boolean readOnly() {
        return state.readOnly;
    }

    /** Not allowed inside a transaction. */
    public void setReadOnly(boolean readOnly) throws SQLException {
        requireOpen();
        if (readOnly != state.readOnly && (writes.inTransaction() || outbox.isGathering())) {
            throw Errors.of(SqlState.NOT_ALLOWED, "setReadOnly inside a transaction; end it first");
        }
        reads.endTransaction();
        state.readOnly = readOnly;
    }

    /** H2's isolation of writing transactions, as a constant of {@link Connection}. */
    public int isolation() {
        return state.isolation;
    }

    /** Takes a constant of {@link Connection}; commits the open transaction, as H2 does. */
    public void setIsolation(int isolation) throws SQLException {
        requireOpen();
        Isolations.require(isolation);
        commit();
        state.isolation = isolation;
    }

    /** The current schema. */
    public String schema() throws SQLException {
        requireOpen();
        return state.schema();
    }

    /** Makes {@code schema} (exact case) the current one. */
    public void setSchema(String schema) throws SQLException {
        set("SCHEMA", "SET SCHEMA " + quote(schema));
    }

    void set(String name, String text) throws SQLException {
        requireOpen();
        if (name.equals("TRANSACTION ISOLATION LEVEL")) {
            setIsolation(Isolations.named(text));
            return;
        }
        state.set(name, text, readPatience());
        writes.applySetting(text);
        decisions++;
    }

    void setDefaults(@Nullable Ladder read, @Nullable Ladder write) {
        state.readDefault = read;
        state.writeDefault = write;
        decisions++;
    }

    @Nullable
    Ladder readDefault() {
        return state.readDefault;
    }

    @Nullable
    Ladder writeDefault() {
        return state.writeDefault;
    }

    @Nullable
    Ladder urlLadder() {
        return urlLadder;
    }

    @Nullable
    Rung transactionRung() {
        return state.transactionRung;
    }

    void setTransactionRung(Rung rung) {
        state.transactionRung = rung;
        decisions++;
    }

    Duration patience() {
        return state.patience();
    }

    /** What is fetched for it from several shards and what becomes of that, if anything is. */
    List<String> explainGathering(Statement.Sql statement, Decision decision) throws SQLException {
        return decision.plan().kind() == Plan.Kind.DEFINE
                ? List.of()
                : reads.describe(statement.text(), decision.plan().placement());
    }

    List<String> explainRoute(Decision decision) {
        if (decision.plan().isWrite() && OutboxPath.isWeak(decision.agreement()) && !writes.inTransaction()) {
            List<Integer> shards = decision.plan().shards();
            return List.of("the outbox of the nearest node, and from there the leader of "
                    + (shards.size() == 1
                            ? "shard " + shards.get(0)
                            : "the shard it concerns, of " + shards + "; one that concerns several is raised"));
        }
        boolean atLeader = decision.plan().kind() != Plan.Kind.READ || writes.inTransaction() || isValidated(decision);
        List<Integer> shards = decision.plan().shards();
        List<String> lines = new ArrayList<>();
        for (int shard : shards) {
            String where = shards.size() == 1 ? "" : "shard " + shard + ", ";
            if (atLeader) {
                lines.add("the leader of shard " + shard + state.at(shard).describeLeader());
            } else {
                RouteExplanation.of(state.at(shard), decision.agreement()).forEach(line -> lines.add(where + line));
            }
        }
        if (shards.size() > 1
                && !atLeader
                && Reads.needsCut(decision.agreement().granted().first())) {
            lines.add("all shards at one cut, if more than one of them is needed");
        }
        return lines;
    }

    SettingsPath settings() {
        return settings;
    }

    /** TC007 for a command that would write when the disk takes none. */
    void requireDisk() throws SQLException {
        database.requireDisk();
    }

    List<OutboxStatus> outboxes() {
        return state.outboxes();
    }

    RejectedWrites rejected() {
        return rejected;
    }

    /** What every replica of every shard says its rows hash to; of one table, or of all when it is null. */
    List<ShardsCheck.Checked> check(@Nullable String schema, @Nullable String table) throws SQLException {
        return new ShardsCheck(state, url.definitionTimeout()).check(schema, table);
    }

    // ---- tokens and receipts ----

    /** What this session has seen and written, as an opaque string for another session. */
    public String token() {
        return state.vector().token().encode();
    }

    /**
     * Merges a token into this session; the empty text makes it forget all that it has seen and written.
     *
     * @throws SQLException TC004 when it is torn, of another database, from the future or made up
     */
    public void useToken(String text) throws SQLException {
        requireOpen();
        if (text.isEmpty()) {
            state.vector().clear();
            return;
        }
        try {
            Token token = Token.decode(text);
            state.vector().checkOurs(token);
            state.refuseFromTheFuture(token, state.patience());
            state.vector().merge(token);
        } catch (BadTokenException e) {
            throw Errors.of(SqlState.BAD_TOKEN, Objects.requireNonNullElse(e.getMessage(), "bad token"), e);
        }
    }

    /** The receipt of the last statement, or null. */
    public @Nullable Receipt lastReceipt() {
        return lastReceipt;
    }

    // ---- the rest ----

    /**
     * An H2 connection that reads a live replica, for DatabaseMetaData and its kin. It waits for what this session saw and
     * wrote as long as its reads do that say nothing. Do not close it.
     */
    public Connection metadata() throws SQLException {
        return metadata(readPatience());
    }

    /** The same, waiting so long. */
    Connection metadata(Duration patience) throws SQLException {
        requireOpen();
        return state.metadata(patience);
    }

    /** An H2 connection for what needs no tables, createArrayOf and its kin: any replica's, at once. Do not close it. */
    public Connection scratch() throws SQLException {
        return metadata(Duration.ZERO);
    }

    /** How long a read that says nothing waits for what the session has seen. */
    private Duration readPatience() {
        Rung transaction = state.transactionRung;
        Ladder ladder =
                Objects.requireNonNullElse(state.readDefault, Objects.requireNonNullElse(urlLadder, SEQUENTIAL));
        return patience(transaction == null ? ladder.first() : transaction);
    }

    private Duration patience(Statement.Sql statement) {
        Statement.Asked asked = statement.asked();
        return asked != null
                ? patience(asked.ladder().first())
                : statement.operation() == Operation.SELECT ? readPatience() : patience();
    }

    /** How long a level lets a statement wait for what the session has seen. */
    Duration patience(Rung rung) {
        return rung.level() == Level.EVENTUAL || rung.level() == Level.READ_UNCOMMITTED
                ? Duration.ZERO
                : Objects.requireNonNullElse(rung.within(), patience());
    }

    void check(Query query, Duration patience) throws SQLException {
        if (!temporaryTables.isEmpty() || writes.inTransaction()) {
            return;
        }
        Connection connection;
        try {
            connection = state.metadata(patience);
        } catch (SQLTransientConnectionException e) {
            // nobody to ask now; the execution will say so
            return;
        }
        try {
            var unused = query.describedOn(connection);
        } catch (SQLException e) {
            if (!state.isOfLaggingSchema(e)) {
                throw e;
            }
            var unused = query.describedOn(state.metadata(Duration.ZERO));
        }
    }

    /** Whether a replica answers within {@code timeout}. */
    public boolean isValid(Duration timeout) {
        if (closed.get()) {
            return false;
        }
        // one that lags behind this session answers too
        try (java.sql.Statement statement = state.metadata(Duration.ZERO).createStatement()) {
            statement.setQueryTimeout((int) Math.max(0, timeout.toSeconds()));
            return statement.execute("SELECT 1");
        } catch (SQLException e) {
            return false;
        }
    }

    /** The URL it was opened with. */
    public DatabaseUrl url() {
        return url;
    }

    /** How this database keeps its promises. */
    public SlaMonitor sla() {
        return database.monitor();
    }

    /** The nodes of this database in this JVM: to look at, to cut and to heal. */
    public EmbeddedCluster cluster() {
        return database.cluster();
    }

    /** Makes a running statement fail soon, with 57014, or 08007 when it is proposed. From any thread. */
    void cancel() {
        state.underway().cancel();
    }

    /**
     * Nobody waits for what is under way any more: what is not proposed by now never takes effect. The session is of no use
     * afterwards but to be closed. From any thread.
     *
     * @return whether something is proposed
     */
    public boolean giveUp() {
        return state.underway().giveUp();
    }

    Underway underway() {
        return state.underway();
    }

    /** From now on {@link #reset} leaves SET what is SET now. */
    public void resetToThis() {
        start = state.start();
    }

    /**
     * Between two borrowers of a pool: rolls back what is open, and forgets what the last one set, saw and wrote. What
     * equal URLs share with {@code tokenScope=datasource} stays, and what was SET at {@link #resetToThis}.
     *
     * @param schema the schema to be the current one again, exact case; null for the one it was then
     */
    public void reset(@Nullable String schema) throws SQLException {
        rollback();
        if (!temporaryTables.isEmpty() || !state.lostTables().isEmpty() || !state.isAs(start, schema)) {
            temporaryTables.clear();
            state.lostTables().forget();
            writes.close();
            state.forgetSettings();
            for (SessionStart.Setting setting : start.settings()) {
                state.set(setting.name(), setting.text());
            }
        }
        state.reset(database.fresh(url, state.vector()), start);
        lastReceipt = null;
        decisions++;
        if (schema != null && !schema.equals(state.schema())) {
            setSchema(schema);
        }
    }

    /** Rolls back what is open and lets go of everything. Idempotent; from any thread (JDBC's abort). */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            outbox.close();
            writes.close();
            reads.close();
            state.close();
        } finally {
            database.load().close(activity);
            database.leave(url);
            database.release();
        }
    }
}
