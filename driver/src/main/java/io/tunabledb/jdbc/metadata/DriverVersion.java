package io.tunabledb.jdbc.metadata;

/** What this driver says of itself. */
public final class DriverVersion {

    public static final String NAME = "TunableDB";
    public static final int MAJOR = 0;
    public static final int MINOR = 1;
    public static final String VERSION = MAJOR + "." + MINOR;

    private DriverVersion() {}
}
