package io.fluctus.hls;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A media playlist as a strict reader sees it: every rule of RFC 8216 (and of 8216bis for parts) that text alone can break. */
final class M3u8 {
    private static final Pattern ATTRIBUTE = Pattern.compile("([A-Z-]+)=(\"[^\"]*\"|[^,]*)(?:,|$)");
    private static final double ROUNDED = 0.00001;

    final int target;
    final double partTarget;
    final long sequence;
    final long discontinuitySequence;
    final int skipped;
    final boolean ended;
    final List<Entry> segments = new ArrayList<>();
    final List<Map<String, String>> tail = new ArrayList<>();
    final String hint;

    record Entry(
            long number,
            String uri,
            double seconds,
            boolean discontinuity,
            String map,
            List<Map<String, String>> parts) {}

    private M3u8(Map<String, String> head, List<String> lines) {
        target = Integer.parseInt(head.get("#EXT-X-TARGETDURATION"));
        sequence = Long.parseLong(head.get("#EXT-X-MEDIA-SEQUENCE"));
        discontinuitySequence = Long.parseLong(head.getOrDefault("#EXT-X-DISCONTINUITY-SEQUENCE", "0"));
        partTarget = head.containsKey("#EXT-X-PART-INF")
                ? Double.parseDouble(attributes(head.get("#EXT-X-PART-INF")).get("PART-TARGET"))
                : 0;
        skipped = head.containsKey("#EXT-X-SKIP")
                ? Integer.parseInt(attributes(head.get("#EXT-X-SKIP")).get("SKIPPED-SEGMENTS"))
                : 0;
        ended = lines.contains("#EXT-X-ENDLIST");
        String hinted = "";
        String map = "";
        boolean discontinuity = false;
        double seconds = -1;
        List<Map<String, String>> parts = new ArrayList<>();
        for (String line : lines) {
            String name = line.contains(":") ? line.substring(0, line.indexOf(':')) : line;
            String value = line.substring(Math.min(line.length(), name.length() + 1));
            switch (name) {
                case "#EXT-X-DISCONTINUITY" -> discontinuity = true;
                case "#EXT-X-MAP" -> map = attributes(value).get("URI");
                case "#EXTINF" -> seconds = Double.parseDouble(value.substring(0, value.indexOf(',')));
                case "#EXT-X-PART" -> parts.add(attributes(value));
                case "#EXT-X-PRELOAD-HINT" -> hinted = attributes(value).get("URI");
                default -> {
                    if (!line.startsWith("#")) {
                        need(seconds >= 0, "a segment without EXTINF: " + line);
                        segments.add(new Entry(
                                sequence + skipped + segments.size(), line, seconds, discontinuity, map, parts));
                        discontinuity = false;
                        seconds = -1;
                        parts = new ArrayList<>();
                    }
                }
            }
        }
        tail.addAll(parts);
        hint = hinted;
    }

    private static void need(boolean rule, String sentence) {
        if (!rule) {
            throw new AssertionError(sentence);
        }
    }

    static Map<String, String> attributes(String list) {
        Map<String, String> attributes = new TreeMap<>();
        Matcher each = ATTRIBUTE.matcher(list);
        int end = 0;
        while (each.find() && each.start() == end) {
            need(attributes.put(each.group(1), each.group(2).replace("\"", "")) == null, "an attribute twice: " + list);
            end = each.end();
        }
        need(end == list.length(), "not a list of attributes: " + list);
        return attributes;
    }

    /** Reads it and throws for a broken rule. */
    static M3u8 of(String text) {
        M3u8 playlist = ofAnyParts(text);
        playlist.segments.forEach(segment -> playlist.checkParts(segment.parts, true));
        playlist.checkParts(playlist.tail, false);
        return playlist;
    }

    /** As {@link #of} for a publisher that itself pauses for longer than a part lasts. */
    static M3u8 ofAnyParts(String text) {
        need(text.startsWith("#EXTM3U\n"), "does not begin with EXTM3U");
        need(text.endsWith("\n"), "does not end with a line");
        List<String> lines = text.lines().toList();
        Map<String, String> once = new LinkedHashMap<>();
        for (String line : lines) {
            String name = line.contains(":") ? line.substring(0, line.indexOf(':')) : line;
            boolean many = List.of(
                            "#EXTINF",
                            "#EXT-X-PART",
                            "#EXT-X-MAP",
                            "#EXT-X-DISCONTINUITY",
                            "#EXT-X-PROGRAM-DATE-TIME",
                            "#EXT-X-PRELOAD-HINT")
                    .contains(name);
            need(
                    many
                            || !name.startsWith("#")
                            || once.put(name, line.substring(Math.min(line.length(), name.length() + 1))) == null,
                    name + " stands there twice");
            need(!line.isBlank(), "an empty line");
        }
        need(once.containsKey("#EXT-X-TARGETDURATION"), "no target duration");
        need(Integer.parseInt(once.get("#EXT-X-VERSION")) >= 9, "the version is too low for what it holds");
        M3u8 playlist = new M3u8(once, lines);
        for (Entry segment : playlist.segments) {
            need(
                    Math.round(segment.seconds) <= playlist.target,
                    "segment of " + segment.seconds + " s, target " + playlist.target);
            need(!segment.map.isEmpty() || playlist.skipped > 0, "a segment without EXT-X-MAP");
            double sum = segment.parts.stream()
                    .mapToDouble(p -> Double.parseDouble(p.get("DURATION")))
                    .sum();
            need(
                    segment.parts.isEmpty() || Math.abs(sum - segment.seconds) < 0.01,
                    "parts of " + sum + " s in " + segment.seconds);
        }
        need(!playlist.ended || playlist.hint.isEmpty(), "a hint after the end");
        return playlist;
    }

    private void checkParts(List<Map<String, String>> parts, boolean complete) {
        for (int i = 0; i < parts.size(); i++) {
            double seconds = Double.parseDouble(parts.get(i).get("DURATION"));
            need(seconds <= partTarget + ROUNDED, "part of " + seconds + " s, target " + partTarget);
            boolean last = i == parts.size() - 1 && complete;
            need(
                    last || seconds >= 0.85 * partTarget - ROUNDED,
                    "part of " + seconds + " s is too short for " + partTarget);
        }
    }

    long discontinuitiesBefore(long number) {
        return discontinuitySequence
                + segments.stream()
                        .filter(s -> s.number <= number && s.discontinuity)
                        .count();
    }

    /** This playlist may follow {@code before}: what is in both is the same, and nothing falls. */
    void follows(M3u8 before) {
        need(sequence >= before.sequence, "the media sequence fell from " + before.sequence + " to " + sequence);
        need(discontinuitySequence >= before.discontinuitySequence, "the discontinuity sequence fell");
        need(target == before.target, "the target duration changed");
        long end = sequence + skipped + segments.size();
        need(end >= before.sequence + before.skipped + before.segments.size(), "the end fell");
        for (Entry segment : segments) {
            for (Entry old : before.segments) {
                if (old.number == segment.number) {
                    need(
                            old.uri.equals(segment.uri) && old.seconds == segment.seconds,
                            "segment " + old.number + " changed");
                    need(old.discontinuity == segment.discontinuity, "a discontinuity moved at " + old.number);
                    need(
                            skipped > 0
                                    || before.skipped > 0
                                    || discontinuitiesBefore(old.number) == before.discontinuitiesBefore(old.number),
                            "segment " + old.number + " has another discontinuity sequence number");
                }
            }
        }
        double left = segments.stream().mapToDouble(Entry::seconds).sum();
        need(
                skipped > 0 || ended || sequence == before.sequence || left >= 3 * target - 0.5,
                "the playlist became too short: " + left);
    }
}
