package io.tunabledb.durability;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.durability.DamageCampaign.Case;
import io.tunabledb.durability.DamageCampaign.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing that is damaged costs what was acknowledged, unless it is said; see {@link DamageCampaign}. */
class DamageCampaignTest {
    private static final int SAMPLED = 3;

    @TempDir
    static Path folder;

    private static DamageCampaign campaign;
    private static int number;

    @BeforeAll
    static void prepare() throws Exception {
        campaign = new DamageCampaign(folder);
        campaign.prepare();
    }

    private static String run(Case one, int times) throws Exception {
        Path database = folder.resolve("case" + number++);
        String result = campaign.run(one, database, times);
        Folders.delete(database);
        return result;
    }

    /** A node that went back and one that lags are outvoted by the one that has everything. */
    @Test
    void aNodeThatWentBackLosesNothing() throws Exception {
        int lagging = campaign.lagging();
        int wentBack = lagging % 3 + 1;
        assertThat(run(new Case(Kind.NODE, FileDamage.OLDER_COPY, Set.of(wentBack)), 1))
                .isEqualTo("whole");
    }

    /** Each looks whole; that all of them went back is known from elsewhere. */
    @Test
    void nodesThatAllWentBackAreRefused() throws Exception {
        assertThat(run(new Case(Kind.NODE, FileDamage.OLDER_COPY, Set.of(1, 2, 3)), 1))
                .startsWith("refused")
                .contains("all logs of shard 0", "had been applied before", "restore", "delete ");
    }

    /** Otherwise it looked as if there never was one. */
    @Test
    void anOutboxThatIsGoneIsMissed() throws Exception {
        assertThat(run(new Case(Kind.OUTBOX, FileDamage.DELETED, Set.of(campaign.lagging())), 1))
                .isEqualTo("whole");
        assertThat(campaign.isLossTold()).isTrue();
    }

    @Test
    void someDamagesAreTold() throws Exception {
        long seed = ThreadLocalRandom.current().nextInt(1_000_000);
        List<Case> all = new ArrayList<>(campaign.cases());
        Collections.shuffle(all, new Random(seed));
        for (Case one : all.subList(0, SAMPLED)) {
            try {
                run(one, 1);
            } catch (Exception | AssertionError e) {
                throw new AssertionError("seed " + seed + ", " + one, e);
            }
        }
    }

    @Test
    @Tag("campaign")
    void everyDamageIsTold() {
        List<String> failed = new ArrayList<>();
        for (Case one : campaign.cases()) {
            try {
                run(one, 2);
            } catch (Exception | AssertionError e) {
                failed.add(one + ": " + e);
            }
        }
        assertThat(failed).isEmpty();
    }
}
