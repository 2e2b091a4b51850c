package io.tunabledb.durability;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/** What can happen to a file, or a folder, while nobody looks. */
enum FileDamage {
    DELETED {
        @Override
        void inflict(Path path, Path older) throws IOException {
            Folders.delete(path);
        }
    },
    EMPTIED {
        @Override
        void inflict(Path path, Path older) throws IOException {
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
        void inflict(Path path, Path older) throws IOException {
            resize(path, Files.size(path) / 2);
        }
    },
    TORN_LAST_BYTES {
        @Override
        void inflict(Path path, Path older) throws IOException {
            long size = Files.size(path);
            resize(path, Math.max(0, size - 7));
            resize(path, size);
        }
    },
    BIT_AT_THE_START {
        @Override
        void inflict(Path path, Path older) throws IOException {
            flip(path, 0);
        }
    },
    BIT_IN_THE_MIDDLE {
        @Override
        void inflict(Path path, Path older) throws IOException {
            flip(path, Files.size(path) / 2);
        }
    },
    BIT_AT_THE_END {
        @Override
        void inflict(Path path, Path older) throws IOException {
            flip(path, Files.size(path) - 1);
        }
    },
    ZEROED_PAGE {
        @Override
        void inflict(Path path, Path older) throws IOException {
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
        void inflict(Path path, Path older) throws IOException {
            if (Files.exists(older)) {
                Folders.delete(path);
                Folders.copy(older, path);
            }
        }
    },
    MADE_A_FOLDER {
        @Override
        void inflict(Path path, Path older) throws IOException {
            Folders.delete(path);
            Files.createDirectory(path);
        }
    };

    private static final int PAGE = 4096;

    /**
     * @param older what was at the same place before, if anything was
     */
    abstract void inflict(Path path, Path older) throws IOException;

    /** Whether it makes sense for a folder, too. */
    boolean isForFolders() {
        return this == DELETED || this == EMPTIED || this == OLDER_COPY;
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
