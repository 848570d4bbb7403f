package io.fluctus.script;

import io.fluctus.media.StreamName;
import io.fluctus.wire.ProtocolException;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where applications are found: {@code main.lua} or {@code main.js} in the folder is the root's, one in {@code a/b} is that of the path
 * {@code a/b}. Where both are, the one in Lua is it.
 */
record Folder(Path root) {
    /** Applications that are served; the others are not seen. */
    static final int MAX_APPLICATIONS = 1_000;

    /** What a file is called, by its language. */
    enum Language {
        LUA("main.lua"),
        JAVASCRIPT("main.js");

        private final String file;

        Language(String file) {
            this.file = file;
        }

        String file() {
            return file;
        }

        static Language of(Path file) {
            return file.endsWith(JAVASCRIPT.file) ? JAVASCRIPT : LUA;
        }
    }

    /** Path to file, in order. A folder that cannot be read has no applications. */
    Map<String, Path> scan() {
        Map<String, Path> found = new TreeMap<>();
        if (!Files.isDirectory(root)) {
            return found;
        }
        try {
            Files.walkFileTree(
                    root, EnumSet.of(FileVisitOption.FOLLOW_LINKS), StreamName.MAX_SEGMENTS + 1, visitor(found));
        } catch (IOException e) {
            return found;
        }
        return found;
    }

    private SimpleFileVisitor<Path> visitor(Map<String, Path> found) {
        return new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                boolean named = isName(path(folder)) && !hidden(folder) && found.size() < MAX_APPLICATIONS;
                return named ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (file.endsWith(Language.LUA.file) && attributes.isRegularFile()) {
                    found.put(path(file.getParent()), file);
                } else if (file.endsWith(Language.JAVASCRIPT.file) && attributes.isRegularFile()) {
                    found.putIfAbsent(path(file.getParent()), file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
                return FileVisitResult.CONTINUE;
            }
        };
    }

    private boolean hidden(Path folder) {
        return !folder.equals(root) && folder.getFileName().toString().startsWith(".");
    }

    private String path(Path folder) {
        StringBuilder path = new StringBuilder();
        for (Path segment : root.relativize(folder)) {
            path.append(path.isEmpty() ? "" : "/").append(segment);
        }
        return path.toString();
    }

    /** No client can ask for a folder whose name is none of an application. */
    private static boolean isName(String path) {
        try {
            StreamName.checkApp(path);
            return true;
        } catch (ProtocolException e) {
            return false;
        }
    }
}
