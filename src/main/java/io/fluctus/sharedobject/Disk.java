package io.fluctus.sharedobject;

import io.fluctus.media.SharedName;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folder of persistent shared objects: a folder for each application, in it a file for each object, whose name begins with a plus
 * sign as no application's does. A file is whole, the old one or the new one, whenever the machine stops. It waits for the disk: not
 * for event loops.
 */
final class Disk {
    /** Files of one application. */
    static final int MAX_FILES = 1_024;

    private static final String MARK = "+";
    private static final String UNFINISHED = ".new";

    private final Path folder;

    Disk(Path folder) {
        this.folder = folder;
    }

    /** Empty if there is none, and room for a new one. Throws IOException with a sentence for people. */
    Optional<Slots.Image> load(SharedName name) throws IOException {
        Path file = fileOf(name);
        try {
            if (Files.size(file) > ObjectFile.MAX_BYTES) {
                throw new IOException(file + " has more than " + ObjectFile.MAX_BYTES + " bytes");
            }
            return Optional.of(ObjectFile.decode(name, Buffer.buffer(Files.readAllBytes(file))));
        } catch (NoSuchFileException none) {
            checkRoom(file.getParent());
            return Optional.empty();
        } catch (ProtocolException damaged) {
            throw new IOException(file + " " + damaged.getMessage(), damaged);
        }
    }

    private static void checkRoom(Path application) throws IOException {
        try (Stream<Path> files = Files.list(application)) {
            if (files.filter(file -> file.getFileName().toString().startsWith(MARK))
                            .limit(MAX_FILES)
                            .count()
                    >= MAX_FILES) {
                throw new IOException(application + " has " + MAX_FILES + " shared objects already");
            }
        } catch (NoSuchFileException none) {
            // the application's first
        }
    }

    /** Writes beside the file, makes sure that it is on the disk, and puts it in the other one's place. */
    void save(SharedName name, Slots.Image image) throws IOException {
        Path file = fileOf(name);
        Path unfinished = file.resolveSibling(file.getFileName() + UNFINISHED);
        Files.createDirectories(file.getParent());
        try (FileChannel out = FileChannel.open(
                unfinished,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(ObjectFile.encode(name, image).getBytes());
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        settle(file.getParent());
    }

    void erase(SharedName name) throws IOException {
        Path file = fileOf(name);
        if (Files.deleteIfExists(file)) {
            settle(file.getParent());
        }
    }

    /** Makes sure that a folder's new entries are on the disk, where a folder can be opened for it. */
    private static void settle(Path parent) {
        try (FileChannel directory = FileChannel.open(parent, StandardOpenOption.READ)) {
            directory.force(true);
        } catch (IOException unable) {
            // Windows: it orders them itself
        }
    }

    /** Names hold no plus sign, so two objects never share a file. */
    Path fileOf(SharedName name) {
        Path application = name.app().isEmpty() ? folder : folder.resolve(name.app());
        return application.resolve(MARK + name.name().replace("/", MARK));
    }
}
