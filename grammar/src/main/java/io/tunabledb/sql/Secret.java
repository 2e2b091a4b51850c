package io.tunabledb.sql;

import java.util.Objects;

/** A password as it was written. Nothing that prints a statement prints it. */
public final class Secret {
    private final String value;

    Secret(String value) {
        this.value = value;
    }

    /** What it is: to be hashed, and for nothing else. */
    public String value() {
        return value;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret && secret.value.equals(value);
    }

    @Override
    public int hashCode() {
        return Objects.hash(value);
    }

    @Override
    public String toString() {
        return "***";
    }
}
