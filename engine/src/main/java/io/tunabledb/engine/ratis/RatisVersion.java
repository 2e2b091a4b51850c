package io.tunabledb.engine.ratis;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.api.PrivateField;
import io.tunabledb.engine.ratis.internals.CacheEviction;
import io.tunabledb.engine.ratis.internals.LogRoom;
import io.tunabledb.engine.ratis.internals.PatientTimers;
import io.tunabledb.engine.ratis.internals.Workers;
import java.sql.SQLException;
import org.apache.ratis.util.VersionInfo;

/** The version of Ratis that this package was written for, some of whose insides it reaches into, and the one it is run with. */
public final class RatisVersion {
    /** An upgrade is a decision: see this package's DESIGN.md for what of Ratis's behaviour is replaced here. */
    static final String NEEDED = "3.3.0";

    private RatisVersion() {}

    /**
     * Asks Ratis which one it is, and whether all is there that its insides' room needs.
     *
     * @throws SQLException 08001 when it is not the one this was written for: says both, and what to write
     */
    public static void require() throws SQLException {
        require(found());
        PrivateField.requireAll(
                "Apache Ratis " + NEEDED, CacheEviction.class, LogRoom.class, PatientTimers.class, Workers.class);
    }

    static void require(String found) throws SQLException {
        if (!found.equals(NEEDED)) {
            throw Errors.of(
                    SqlState.CANNOT_CONNECT,
                    "TunableDB runs on Apache Ratis " + NEEDED + ", but the class path has Ratis " + found
                            + ": depend on org.apache.ratis:ratis-server:" + NEEDED
                            + ", and on no other version of its modules");
        }
    }

    static String found() {
        try {
            return VersionInfo.getSoftwareInfoVersion();
        } catch (LinkageError e) {
            return "of an unknown version (" + e + ")";
        }
    }
}
