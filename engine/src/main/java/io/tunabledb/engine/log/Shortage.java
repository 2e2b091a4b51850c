package io.tunabledb.engine.log;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Why a disk takes nothing now.
 *
 * @param folder what is to be written under it
 * @param freeBytes what is free there
 * @param neededBytes what would be needed
 * @param found what the disk answered; null when only its room is short
 */
public record Shortage(
        Path folder,
        long freeBytes,
        long neededBytes,
        @Nullable String found) {

    /** After a write of so many bytes failed. */
    public static Shortage after(IOException failure, Path folder, long neededBytes) {
        long free = folder.toFile().getUsableSpace();
        String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        return new Shortage(folder, free, neededBytes, message);
    }

    /** Whether room is what is missing: everybody else on this disk is as badly off, and it may come back. */
    public boolean isFull() {
        return freeBytes < neededBytes;
    }

    /** For errors and tables: the path, what is free and what is needed. */
    public String text() {
        return "the disk under " + folder + (isFull() ? " is full: " : " can't be written: ")
                + (found == null ? "" : found + "; ")
                + freeBytes + " bytes are free, " + neededBytes + " needed";
    }
}
