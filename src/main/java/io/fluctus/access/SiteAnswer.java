package io.fluctus.access;

import io.fluctus.media.StreamName;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a site's HTTP answer means. */
sealed interface SiteAnswer {
    /** An answer is kept no longer than this. */
    int MOST_SECONDS = 3_600;

    /** Characters of a reason or a name that are repeated. */
    int MAX_TEXT = 200;

    String REFUSES = "the site refuses";

    Pattern MAX_AGE = Pattern.compile("(?i)(?:^|[ ,])max-age=(\\d{1,9})(?:$|[ ,;])");

    /** It decided; the answer holds for {@code maxAge} seconds. */
    record Decided(Ruling ruling, int maxAge) implements SiteAnswer {}

    /** It did not decide; the sentence is for the log and the API. */
    record Failed(String why) implements SiteAnswer {}

    /** {@code cacheControl} is the header of that name, or empty. */
    static SiteAnswer of(int status, String cacheControl, Buffer body) {
        if (status >= 300 && status < 400) {
            return new Failed("it redirects, which is not followed");
        }
        if (status == 408 || status == 429 || status < 200 || status >= 500) {
            return new Failed("it answers with status " + status);
        }
        JsonObject json;
        try {
            json = body.length() == 0 ? new JsonObject() : new JsonObject(body);
        } catch (DecodeException | ClassCastException e) {
            json = new JsonObject();
            if (status < 300) {
                return new Failed("its answer is no JSON object");
            }
        }
        int maxAge = maxAge(cacheControl, json);
        if (status >= 400) {
            return new Decided(new Ruling.Refused(text(json, "reason", REFUSES)), maxAge);
        }
        return decision(json, maxAge);
    }

    private static SiteAnswer decision(JsonObject json, int maxAge) {
        Object allow = json.getValue("allow", true);
        if (!(allow instanceof Boolean allowed)) {
            return new Failed("its `allow` is neither true nor false");
        }
        if (!allowed) {
            return new Decided(new Ruling.Refused(text(json, "reason", REFUSES)), maxAge);
        }
        Object stream = json.getValue("stream", "");
        if (!(stream instanceof String path) || !path.isEmpty() && !isStream(path)) {
            return new Failed("its `stream` is no name of a stream");
        }
        Ruling.Bounds bounds =
                Ruling.Bounds.of(json.getValue("kbps"), json.getValue("seconds"), json.getValue("viewers"));
        return new Decided(
                new Ruling.Granted(path, text(json, "name", ""), text(json, "credential", ""), Role.NOBODY, bounds),
                maxAge);
    }

    private static boolean isStream(String path) {
        try {
            StreamName.parse(path);
            return true;
        } catch (ProtocolException e) {
            return false;
        }
    }

    private static int maxAge(String cacheControl, JsonObject json) {
        if (json.getValue("maxAge") instanceof Number age) {
            return (int) Math.max(0, Math.min(MOST_SECONDS, age.longValue()));
        }
        Matcher matcher = MAX_AGE.matcher(cacheControl);
        return matcher.find() ? Math.min(MOST_SECONDS, Integer.parseInt(matcher.group(1))) : 0;
    }

    /** One line of it. */
    private static String text(JsonObject json, String key, String otherwise) {
        if (!(json.getValue(key) instanceof String text) || text.isBlank()) {
            return otherwise;
        }
        String line = text.replaceAll("\\p{Cntrl}", " ");
        return line.length() > MAX_TEXT ? line.substring(0, MAX_TEXT) : line;
    }
}
