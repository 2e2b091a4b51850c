package io.tunabledb.engine.node;

/** What went wrong at the bottom of it, in the words of the code that met it: not every application has a log to read it in. */
final class Causes {
    private static final int DEEPEST = 20;

    private Causes() {}

    /** The message of a failure, and that of its first cause where that says something else. */
    static String text(Throwable failure) {
        Throwable root = failure;
        for (int depth = 0; depth < DEEPEST; depth++) {
            Throwable cause = root.getCause();
            if (cause == null) {
                break;
            }
            root = cause;
        }
        String top = message(failure);
        String bottom = message(root);
        return top.contains(bottom) ? top : top + " (" + bottom + ")";
    }

    private static String message(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }
}
