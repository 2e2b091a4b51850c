package io.tunabledb.durability;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What can happen to a file, or a folder, while nobody looks. */
enum FileDamage {
    DELETED {
        @Override
        void inflict(Path path, Path older, Path others) throws IOException {
            Folders.delete(path);
        }
    },
    EMPTIED {
        @Override
        void inflict(Path path, Path older, Path others) throws IOException {
            if (Files.isDirectory(path)) {
                Folders.delete(path);
                Files.createDirectory(path);
            } else {
                resize(path, 0);
            }
        }
    },
    CUT_IN_THE_MIDDLE {
        @Override
        void inflict(Path path, Path older, Path others) throws IOException {
            resize(path, Files.size(path) / 2);
        }
    },
    TORN_LAST_BYTES {
        @Override
        void inflict(Path path, Path older, Path others) throws IOException {
            long size = Files.size(path);
            resize(path, Math.max(0, size - 7));
            resize(path, size);
        }
    },
    BIT_AT_THE_START {
        @Override
        void inflict(Path path, Path older, Path others) throws IOException {
            flip(path, 0);
        }
    },
    BIT_IN_THE_MIDDLE {
        @Override
        void inflict(Path path, Path older, Path others) throws IOException {
            flip(path, Files.size(path) / 2);
        }
    },
    BIT_AT_THE_END {
        @Override
        void inflict(Path path, Path older, Path others) throws IOException {
            flip(path, Files.size(path) - 1);
        }
    },
    ZEROED_PAGE {
        @Override
        void inflict(Path path, Path older, Path others) throws IOException {
            long size = Files.size(path);
            long from = size / 2 / PAGE * PAGE;
            try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
                file.seek(from);
                file.write(new byte[(int) Math.min(PAGE, size - from)]);
            }
        }
    },
    OLDER_COPY {
        @Override
        void inflict(Path path, Path older, Path others) throws IOException {
            if (Files.exists(older)) {
                Folders.delete(path);
                Folders.copy(older, path);
            }
        }
    },
    MADE_A_FOLDER {
        @Override
        void inflict(Path path, Path older, Path others) throws IOException {
            Folders.delete(path);
            Files.createDirectory(path);
        }
    },
    /** As a tool that keeps what it overwrites, or somebody who mends by hand; what has a number gets the next. */
    DUPLICATED {
        @Override
        void inflict(Path path, Path older, Path others) throws IOException {
            Matcher name = NUMBER_AT_THE_END.matcher(path.getFileName().toString());
            String copy =
                    name.matches() ? name.group(1) + (Long.parseLong(name.group(2)) + 1) : path.getFileName() + ".1";
            Path beside = path.resolveSibling(copy);
            Folders.copy(path, Files.exists(beside) ? path.resolveSibling(copy + ".1") : beside);
        }
    },
    SWAPPED_WITH_ANOTHERS {
        @Override
        void inflict(Path path, Path older, Path others) throws IOException {
            Path aside = path.resolveSibling("aside");
            Files.move(path, aside);
            if (Files.exists(others)) {
                Files.move(others, path);
            }
            Files.move(aside, others);
        }
    },
    COPIED_FROM_ANOTHERS {
        @Override
        void inflict(Path path, Path older, Path others) throws IOException {
            if (Files.exists(others) && !path.equals(others)) {
                Folders.delete(path);
                Folders.copy(others, path);
            }
        }
    },
    /** Which a superuser does not notice. */
    PERMISSIONS_REMOVED {
        @Override
        void inflict(Path path, Path older, Path others) throws IOException {
            Files.setPosixFilePermissions(path, Set.of());
        }
    };

    private static final int PAGE = 4096;
    private static final Pattern NUMBER_AT_THE_END = Pattern.compile("(.*?)(\\d{1,15})");

    /**
     * @param older what was at the same place before, if anything was
     * @param others what another node has there, if it has anything
     */
    abstract void inflict(Path path, Path older, Path others) throws IOException;

    /** Whether it makes sense for a folder, too. */
    boolean isForFolders() {
        return switch (this) {
            case DELETED,
                    EMPTIED,
                    OLDER_COPY,
                    DUPLICATED,
                    SWAPPED_WITH_ANOTHERS,
                    COPIED_FROM_ANOTHERS,
                    PERMISSIONS_REMOVED -> true;
            case CUT_IN_THE_MIDDLE,
                    TORN_LAST_BYTES,
                    BIT_AT_THE_START,
                    BIT_IN_THE_MIDDLE,
                    BIT_AT_THE_END,
                    ZEROED_PAGE,
                    MADE_A_FOLDER -> false;
        };
    }

    /** Whether it needs another node's, and changes that, too. */
    boolean isOfTwo() {
        return this == SWAPPED_WITH_ANOTHERS || this == COPIED_FROM_ANOTHERS;
    }

    private static void resize(Path path, long length) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(length);
        }
    }

    private static void flip(Path path, long at) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            if (file.length() == 0) {
                return;
            }
            file.seek(at);
            int before = file.read();
            file.seek(at);
            file.write(before ^ 16);
        }
    }
}
