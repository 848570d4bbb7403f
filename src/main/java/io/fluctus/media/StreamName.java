package io.fluctus.media;

import io.fluctus.wire.ProtocolException;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The name of a stream: an application of 0 to {@value #MAX_SEGMENTS} segments joined by {@code /} (empty: the root application)
 * and one segment for the stream itself. A segment is 1 to {@value #MAX_SEGMENT} letters, digits and {@code ._~-}, and neither
 * {@code .} nor {@code ..}: so a name is safe as a path, a route and a bus address.
 */
public record StreamName(String app, String stream) {
    public static final int MAX_SEGMENTS = 8;
    public static final int MAX_SEGMENT = 128;

    private static final Pattern SEGMENT =
            Pattern.compile("(?!\\.{1,2}$)[\\p{L}\\p{M}\\p{N}._~-]{1," + MAX_SEGMENT + "}");

    /** Throws {@link ProtocolException} with a sentence for a name outside the rule. */
    public StreamName {
        checkApp(app);
        if (!SEGMENT.matcher(stream).matches()) {
            throw new ProtocolException("stream name is not 1 to 128 letters, digits or ._~-");
        }
    }

    /** Throws {@link ProtocolException} if {@code app} is no application name. */
    public static String checkApp(String app) {
        if (app.isEmpty()) {
            return app;
        }
        if (app.split("/", -1).length > MAX_SEGMENTS) {
            throw new ProtocolException("application name has more than 8 segments");
        }
        if (!areSegments(app)) {
            throw new ProtocolException("application name is not segments of 1 to 128 letters, digits or ._~-");
        }
        return app;
    }

    /** Whether {@code path} is one to {@value #MAX_SEGMENTS} segments. */
    static boolean areSegments(String path) {
        String[] segments = path.split("/", -1);
        return segments.length <= MAX_SEGMENTS && Stream.of(segments).allMatch(SEGMENT.asMatchPredicate());
    }

    /** Reads {@code app/stream}, {@code a/b/stream} or {@code stream}. */
    public static StreamName parse(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0
                ? new StreamName("", path)
                : new StreamName(path.substring(0, slash), path.substring(slash + 1));
    }

    /** {@code app/stream}, or the stream alone under the root application: what {@link #parse} reads. */
    public String path() {
        return app.isEmpty() ? stream : app + "/" + stream;
    }

    @Override
    public String toString() {
        return path();
    }
}
