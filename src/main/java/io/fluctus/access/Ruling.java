package io.fluctus.access;

/** What one rule, or all of them together, say to a question. */
sealed interface Ruling {
    Silent SILENT = new Silent();

    /** Nothing was shown that this rule is about. */
    record Silent() implements Ruling {}

    /** The reason is for the client, and holds no secret. */
    record Refused(String reason) implements Ruling {}

    /**
     * Allowed.
     *
     * @param stream the path of the stream that is really meant; empty: the one asked for
     * @param name who it is, for people; or empty
     * @param credential what makes two publishers the same one
     */
    record Granted(String stream, String name, String credential, Role role, Bounds bounds) implements Ruling {
        static Granted to(String credential) {
            return new Granted("", "", credential, Role.NOBODY, Bounds.NONE);
        }

        Granted named(String who) {
            return new Granted(stream, who, credential, role, bounds);
        }

        Granted as(Role other) {
            return new Granted(stream, name, credential, other, bounds);
        }

        Granted within(Bounds other) {
            return new Granted(stream, name, credential, role, other);
        }
    }

    /** How much: {@code kbps} in or out, {@code seconds} it may last, {@code viewers} of what is published; 0 is no bound. */
    record Bounds(int kbps, int seconds, int viewers) {
        static final Bounds NONE = new Bounds(0, 0, 0);

        static final int MAX = 1_000_000_000;

        /** As a site or a token says them; what is no number within reason is no bound. */
        static Bounds of(Object kbps, Object seconds, Object viewers) {
            return new Bounds(number(kbps), number(seconds), number(viewers));
        }

        private static int number(Object value) {
            long number = value instanceof Number n ? n.longValue() : 0;
            return number > 0 && number <= MAX ? (int) number : 0;
        }
    }
}
