package io.tunabledb.engine.execute.ddl;

import io.tunabledb.consistency.Rule;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.plan.rule.RefusedRuleException;
import io.tunabledb.engine.plan.rule.RuleSettings;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Changes the consistency rules. A change reads them and writes them in one transaction on the leader, which the next one
 * waits for, so that no two are made from the same state.
 */
public final class RulesPath {
    private final SettingsPath settings;

    public RulesPath(SettingsPath settings) {
        this.settings = settings;
    }

    /** The rules to be, given those that are; called again when the leader changed before they were committed. */
    public interface Change {
        /**
         * The new rules.
         *
         * @throws RefusedRuleException when it can't be made
         */
        List<Rule> of(List<Rule> rules) throws SQLException;
    }

    /** The rules before and after a change. */
    public record Changed(List<Rule> before, List<Rule> after) {}

    /** Makes the change, or none of it. */
    public Changed change(Change change) throws SQLException {
        List<Changed> made = new ArrayList<>(1);
        settings.edit(RuleSettings.PREFIX, RuleSettings.LOCK, current -> {
            List<Rule> before = RuleSettings.read(current);
            try {
                List<Rule> after = change.of(before);
                made.clear();
                made.add(new Changed(before, after));
                return RuleSettings.write(after);
            } catch (RefusedRuleException e) {
                throw Errors.of(e.state(), Objects.requireNonNull(e.getMessage()), e);
            }
        });
        return made.get(0);
    }
}
