package io.fluctus;

import io.fluctus.access.AccessVerticle;
import io.fluctus.config.Config;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a person reads when the gateway has started: where everything is, how to publish and how to play. */
final class Banner {
    /** Stands for the publish key, which is printed nowhere. */
    static final String KEY_PLACEHOLDER = "PUBLISH_KEY";

    private static final String APP = "live";
    private static final String STREAM = "cam1";
    private static final String TEST_PICTURE = "ffmpeg -re -f lavfi -i testsrc2=s=1280x720:r=25 -f lavfi -i sine"
            + " -c:v libx264 -preset veryfast -pix_fmt yuv420p -g 50 -c:a aac -f flv";

    private final Config config;
    private final String reachable;
    private final List<Door> doors;
    private final AdminToken token;

    /** {@code reachable} stands for this machine where a door is open on all its addresses. */
    Banner(Config config, String reachable, List<Door> doors, AdminToken token) {
        this.config = config;
        this.reachable = reachable;
        this.doors = doors;
        this.token = token;
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        doors.forEach(door -> lines.add(row(door.section(), door.url(reachable))));
        door("rtmp").ifPresent(rtmp -> {
            publish(rtmp, lines);
            String url = rtmp.url(reachable) + "/" + APP + "/" + STREAM;
            lines.add(row("play", "ffplay " + url));
            lines.add(row("", "VLC, Open Network Stream: " + url));
        });
        door("web").ifPresent(web -> {
            lines.add(row(
                    door("rtmp").isPresent() ? "" : "play",
                    "HTTP-FLV: " + web.url(reachable) + "/live/" + APP + "/" + STREAM + ".flv"));
            console(web, lines);
        });
        return lines;
    }

    /** The one line that scripts wait for. */
    String ready(String time, long millis) {
        StringBuilder line = new StringBuilder("ready");
        doors.forEach(door -> line.append(' ').append(door.url(reachable)));
        return line + " at " + time + " after " + millis + " ms";
    }

    /** A token in the part behind # is never sent, so it ends in no log on the way. */
    private void console(Door web, List<String> lines) {
        lines.add(row("console", web.url(reachable) + "/"));
        if (token.made()) {
            lines.add(row("", "as administrator: " + web.url(reachable) + "/#/admin/" + token.value()));
        }
    }

    private void publish(Door rtmp, List<String> lines) {
        boolean keyed = !config.publish().key().isEmpty();
        boolean onlyLocal = AccessVerticle.onlyThisMachinePublishes(config);
        String server = rtmp.url(onlyLocal ? PublicAddress.LOOPBACK : reachable) + "/" + APP;
        String key = keyed ? STREAM + "?key=" + KEY_PLACEHOLDER : STREAM;
        lines.add(row("publish", TEST_PICTURE + " \"" + server + "/" + key + "\""));
        lines.add(row("", "OBS, Settings, Stream, Custom: Server " + server + "  Stream Key " + key));
        String rule = onlyLocal
                ? "from this machine alone, as publish.key is not set"
                : "to those whom the keys of `access` and `hooks` let in: see docs/access.md";
        lines.add(row("", keyed ? KEY_PLACEHOLDER + " is the value of publish.key" : rule));
    }

    private Optional<Door> door(String section) {
        return doors.stream().filter(door -> door.section().equals(section)).findFirst();
    }

    private static String row(String title, String text) {
        return "  " + title + " ".repeat(Math.max(1, 9 - title.length())) + text;
    }
}
