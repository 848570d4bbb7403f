package io.fluctus.container;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The boxes of an MP4 file, for tests: each with its type and its content. */
public record Boxes(String type, Buffer content, List<Boxes> children) {
    private static final Set<String> PARENTS =
            Set.of("moov", "trak", "mdia", "minf", "dinf", "stbl", "mvex", "moof", "traf", "mfra");

    /** Every box of {@code bytes}; throws for sizes that do not fit. */
    public static List<Boxes> of(Buffer bytes) {
        List<Boxes> boxes = new ArrayList<>();
        for (int at = 0; at < bytes.length(); ) {
            int size = bytes.getInt(at);
            if (size < 8 || size > bytes.length() - at) {
                throw new IllegalArgumentException(
                        "a box of " + size + " bytes where " + (bytes.length() - at) + " are left");
            }
            String type = bytes.getString(at + 4, at + 8, StandardCharsets.ISO_8859_1.name());
            Buffer content = bytes.slice(at + 8, at + size);
            boxes.add(new Boxes(type, content, PARENTS.contains(type) ? of(content) : List.of()));
            at += size;
        }
        return boxes;
    }

    /** All boxes at this path, such as {@code moof/traf/tfdt}. */
    public static List<Boxes> find(List<Boxes> boxes, String path) {
        int slash = path.indexOf('/');
        String first = slash < 0 ? path : path.substring(0, slash);
        List<Boxes> found = boxes.stream().filter(box -> box.type.equals(first)).toList();
        return slash < 0
                ? found
                : found.stream()
                        .flatMap(box -> find(box.children, path.substring(slash + 1)).stream())
                        .toList();
    }

    /** The box at this path of which there is one. */
    public static Boxes one(Buffer bytes, String path) {
        List<Boxes> found = find(of(bytes), path);
        if (found.size() != 1) {
            throw new AssertionError(found.size() + " boxes at " + path);
        }
        return found.get(0);
    }
}
