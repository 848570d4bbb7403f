package io.fluctus.netconnection;

import io.fluctus.media.StreamName;
import io.fluctus.wire.ProtocolException;
import java.util.List;

/** A path and its query as clients write them into app, tcUrl, publish and play. */
record StreamPath(String path, String query) {
    /** Longest text that is looked at; Flash allowed 64 KiB, keys and signatures stay far below this. */
    static final int MAX_TEXT = 4096;

    /** What Flash put before a stream's name to tell the file's type; a live stream has none. */
    private static final List<String> PREFIXES = List.of("mp4:", "flv:", "mp3:", "raw:");

    /** The instance that FMS took when the client named none. */
    private static final String DEFAULT_INSTANCE = "/_definst_";

    /** The application: the name before {@code ?}, without slashes at its ends. */
    static StreamPath ofApp(String app) {
        StreamPath split = split(app);
        String path = split.path;
        if (path.endsWith(DEFAULT_INSTANCE)) {
            path = trim(path.substring(0, path.length() - DEFAULT_INSTANCE.length()));
        }
        return new StreamPath(StreamName.checkApp(path), split.query);
    }

    /** The application in {@code rtmp://host:port/app/instance?query}: all that follows the host. */
    static StreamPath ofUrl(String url) {
        int scheme = url.indexOf("://");
        String rest = scheme < 0 ? url : url.substring(scheme + 3);
        int slash = rest.indexOf('/');
        int mark = rest.indexOf('?');
        if (slash < 0 || mark >= 0 && mark < slash) {
            return mark < 0 ? new StreamPath("", "") : ofApp(rest.substring(mark));
        }
        return ofApp(rest.substring(slash + 1));
    }

    /** What follows {@code ?} in a URL, or empty. */
    static String queryOf(String url) {
        int mark = url.indexOf('?');
        return mark < 0 || url.length() > MAX_TEXT ? "" : url.substring(mark + 1);
    }

    /** The stream under {@code app}, without {@code mp4:} and its like; throws if both together make no {@link StreamName}. */
    static StreamPath ofStream(String app, String name) {
        StreamPath split = split(name);
        String path = split.path;
        for (String prefix : PREFIXES) {
            if (path.startsWith(prefix)) {
                path = trim(path.substring(prefix.length()));
                break;
            }
        }
        StreamName.parse(app.isEmpty() ? path : app + "/" + path);
        return new StreamPath(path, split.query);
    }

    private static StreamPath split(String text) {
        if (text.length() > MAX_TEXT) {
            throw new ProtocolException("a name has more than " + MAX_TEXT + " characters");
        }
        int mark = text.indexOf('?');
        return mark < 0
                ? new StreamPath(trim(text), "")
                : new StreamPath(trim(text.substring(0, mark)), text.substring(mark + 1));
    }

    private static String trim(String path) {
        int start = 0;
        int end = path.length();
        while (start < end && path.charAt(start) == '/') {
            start++;
        }
        while (end > start && path.charAt(end - 1) == '/') {
            end--;
        }
        return path.substring(start, end);
    }
}
