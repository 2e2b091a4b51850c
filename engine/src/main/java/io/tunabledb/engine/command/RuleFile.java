package io.tunabledb.engine.command;

import io.tunabledb.consistency.Rule;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.execute.ddl.RulesPath;
import io.tunabledb.engine.execute.ddl.SettingsPath;
import io.tunabledb.engine.plan.rule.RefusedRuleException;
import io.tunabledb.engine.plan.rule.RuleList;
import io.tunabledb.sql.SqlParser;
import io.tunabledb.sql.SqlParser.PlacedRule;
import io.tunabledb.sql.SqlSyntaxException;
import io.tunabledb.sql.Statement;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The consistency rules a URL names, {@code classpath:…} or {@code file:…}: one CREATE CONSISTENCY RULE per {@code ;},
 * applied when the database starts, all or none. Each replaces a rule of its name, so that a second start changes nothing;
 * rules that the file does not name stay. A table may be created later: the rule waits for it.
 */
public record RuleFile(String name, List<PlacedRule> rules) {
    private static final Logger LOG = LoggerFactory.getLogger(RuleFile.class);
    private static final String DEFAULT_SCHEMA = "PUBLIC";
    private static final int MOST_BYTES = 1 << 20;

    /**
     * Reads and parses it.
     *
     * @throws SQLException 22023 when it can't be read, TC006 when it is too long, 42001 with file:line:column when it does not follow the grammar
     */
    public static RuleFile read(String name) throws SQLException {
        String text;
        try (InputStream in = open(name)) {
            byte[] bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw Errors.of(
                        SqlState.OVER_LIMIT,
                        "rules=" + name + " has more than " + MOST_BYTES + " bytes, which is the most; a rule has about"
                                + " 100: is it the right file?");
            }
            text = new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException | InvalidPathException e) {
            throw Errors.of(
                    SqlState.INVALID_ARGUMENT,
                    "rules=" + name + " can't be read: " + e.getMessage()
                            + "; give classpath:FILE or file:PATH, in UTF-8",
                    e);
        }
        try {
            return new RuleFile(name, SqlParser.parseRules(text));
        } catch (SqlSyntaxException e) {
            throw Errors.of(SqlState.SYNTAX, name + ":" + e.getMessage() + "; no rule of it was applied", e);
        }
    }

    private static InputStream open(String name) throws IOException {
        if (name.startsWith("file:")) {
            Path file = Path.of(name.substring("file:".length()));
            // a device may never end, and a pipe may not even open
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                throw new IOException("it is no regular file");
            }
            return Files.newInputStream(file);
        }
        if (!name.startsWith("classpath:")) {
            throw new FileNotFoundException("it begins with neither classpath: nor file:");
        }
        String resource = name.substring("classpath:".length());
        String path = resource.startsWith("/") ? resource.substring(1) : resource;
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        InputStream in = context == null ? null : context.getResourceAsStream(path);
        in = in == null ? RuleFile.class.getClassLoader().getResourceAsStream(path) : in;
        if (in == null) {
            throw new FileNotFoundException("there is no such resource on the class path");
        }
        return in;
    }

    /** Makes them the database's. */
    public void apply(SettingsPath settings) throws SQLException {
        RulesPath.Changed changed = new RulesPath(settings).change(this::replaced);
        if (!changed.before().equals(changed.after())) {
            LOG.info("{}: {} consistency rules applied", name, rules.size());
        }
        for (PlacedRule placed : rules) {
            Rule.Table table = qualified(placed.statement().rule()).table();
            if (table != null && !settings.hasTable(Objects.requireNonNull(table.schema()), table.name())) {
                LOG.info("{}:{}: there is no table {} yet", name, placed.line(), table);
            }
        }
    }

    private List<Rule> replaced(List<Rule> existing) throws SQLException {
        List<Rule> all = existing;
        for (PlacedRule placed : rules) {
            Statement.CreateRule create = placed.statement();
            try {
                all = RuleList.with(
                        all, new Statement.CreateRule(qualified(create.rule()), true, create.before(), create.text()));
            } catch (RefusedRuleException e) {
                throw Errors.of(
                        e.state(),
                        name + ":" + placed.line() + ":" + placed.column() + ": " + e.getMessage()
                                + "; no rule of it was applied",
                        e);
            }
        }
        return all;
    }

    private static Rule qualified(Rule rule) {
        Rule.Table table = rule.table();
        return table == null || table.schema() != null ? rule : rule.on(new Rule.Table(DEFAULT_SCHEMA, table.name()));
    }
}
