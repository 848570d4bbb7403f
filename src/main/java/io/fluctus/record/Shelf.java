package io.fluctus.record;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The folder of recordings: what is there, and which of it is too old or too much. Its doors wait for the disk. */
record Shelf(Path folder) {
    /** Files that are listed, the newest of them. */
    static final int MAX_LISTED = 1_000;

    /** Folders below the folder: applications' names have 8 segments. */
    private static final int MAX_DEPTH = 12;

    private static final Set<String> EXTENSIONS = Set.of("flv", "mp4");

    /** A file by its path below the folder, with slashes; {@code at}: last written, milliseconds since 1970. */
    record Item(String path, long bytes, long at) {}

    /** Every recording, the newest first. */
    List<Item> list() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        List<Item> items = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder, MAX_DEPTH)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                item(file, items);
            }
        }
        items.sort(Comparator.comparingLong(Item::at).reversed().thenComparing(Item::path));
        return items;
    }

    private void item(Path file, List<Item> items) throws IOException {
        String name = file.getFileName().toString();
        if (!EXTENSIONS.contains(name.substring(name.lastIndexOf('.') + 1))) {
            return;
        }
        try {
            BasicFileAttributes facts =
                    Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (facts.isRegularFile()) {
                String path = folder.relativize(file).toString().replace('\\', '/');
                items.add(new Item(path, facts.size(), facts.lastModifiedTime().toMillis()));
            }
        } catch (NoSuchFileException e) {
            return; // deleted while we looked
        }
    }

    /** What has to go of {@code items}, newest first, so that none is older than {@code oldest} and all fit {@code maxBytes}; 0: any. */
    static List<Item> surplus(List<Item> items, Set<String> inUse, long oldest, long maxBytes) {
        List<Item> surplus = new ArrayList<>();
        long bytes = 0;
        for (Item item : items) {
            bytes += item.bytes;
            boolean tooMuch = maxBytes > 0 && bytes > maxBytes || item.at < oldest;
            if (tooMuch && !inUse.contains(item.path)) {
                surplus.add(item);
            }
        }
        return surplus;
    }

    void delete(Item item) throws IOException {
        Files.deleteIfExists(folder.resolve(item.path));
    }
}
