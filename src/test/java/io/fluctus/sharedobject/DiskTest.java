package io.fluctus.sharedobject;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.media.SharedName;
import io.fluctus.sharedobject.Slots.Image;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shared objects as files: what comes back, what is refused, and what stands where. */
class DiskTest {
    private static final SharedName NAME = new SharedName("games/chess", "rooms/1");

    @TempDir
    Path folder;

    private Disk disk() {
        return new Disk(folder);
    }

    private static Image image() {
        Slots slots = new Slots(1_000);
        slots.set("gone", AmfValue.of(1));
        slots.commit();
        slots.set("number", AmfValue.of(1.5));
        slots.set("integer", new AmfValue.Int(-3));
        slots.set("text é", AmfValue.of("été"));
        slots.set("flag", AmfValue.of(true));
        slots.set("date", new AmfValue.Date(1e12));
        slots.set("bytes", new AmfValue.Bytes(Buffer.buffer("raw")));
        slots.set(
                "object",
                new AmfValue.Obj("com.Player", Map.of("list", AmfValue.Array.of(AmfValue.of("a"), AmfValue.NULL))));
        slots.remove("gone");
        slots.commit();
        return slots.image();
    }

    @Test
    void whatWasSavedIsLoaded() throws Exception {
        assertThat(disk().load(NAME)).isEmpty();
        disk().save(NAME, image());
        Image loaded = disk().load(NAME).orElseThrow();
        assertThat(loaded).isEqualTo(image());
        assertThat(new Slots(loaded).bytes()).isEqualTo(new Slots(image()).bytes());
        assertThat(loaded.slots().keySet())
                .containsExactlyElementsOf(image().slots().keySet());
    }

    @Test
    void theNewestIsLoaded() throws Exception {
        disk().save(NAME, image());
        Slots slots = new Slots(image());
        slots.set("number", AmfValue.of(2));
        slots.commit();
        disk().save(NAME, slots.image());
        assertThat(disk().load(NAME)).contains(slots.image());
    }

    @Test
    void whatIsErasedIsGone() throws Exception {
        disk().save(NAME, image());
        disk().erase(NAME);
        disk().erase(NAME);
        assertThat(disk().load(NAME)).isEmpty();
        assertThat(files()).isEmpty();
    }

    @Test
    void anUnfinishedFileIsNoObjectAndIsReplaced() throws Exception {
        disk().save(NAME, image());
        Path file = disk().fileOf(NAME);
        Files.writeString(file.resolveSibling(file.getFileName() + ".new"), "half of");
        assertThat(disk().load(NAME)).contains(image());
        disk().save(NAME, image());
        assertThat(files()).hasSize(1);
    }

    @Test
    void everyDamagedByteIsNoticed() {
        Buffer whole = ObjectFile.encode(NAME, image());
        for (int i = 0; i < whole.length(); i++) {
            Buffer damaged = whole.copy();
            damaged.setByte(i, (byte) (damaged.getByte(i) ^ 0x10));
            assertThatThrownBy(() -> ObjectFile.decode(NAME, damaged)).isInstanceOf(ProtocolException.class);
        }
    }

    @Test
    void everyTruncationIsNoticed() {
        Buffer whole = ObjectFile.encode(NAME, image());
        for (int length = 0; length < whole.length(); length++) {
            Buffer cut = whole.slice(0, length);
            assertThatThrownBy(() -> ObjectFile.decode(NAME, cut)).isInstanceOf(ProtocolException.class);
        }
    }

    @Test
    void aDamagedFileStaysAndSaysWhich() throws Exception {
        Path file = disk().fileOf(NAME);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "not a shared object");
        assertThatThrownBy(() -> disk().load(NAME))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("+rooms+1 is damaged");
        assertThat(file).hasContent("not a shared object");
    }

    @Test
    void aFileOfAnotherObjectIsNotTaken() throws Exception {
        disk().save(NAME, image());
        SharedName other = new SharedName("games/chess", "rooms/2");
        Files.copy(disk().fileOf(NAME), disk().fileOf(other));
        assertThatThrownBy(() -> disk().load(other)).hasMessageContaining("is not the file of this shared object");
    }

    @Test
    void aFileThatIsTooLongIsNotRead() throws Exception {
        Path file = disk().fileOf(NAME);
        Files.createDirectories(file.getParent());
        Files.write(file, new byte[ObjectFile.MAX_BYTES + 1]);
        assertThatThrownBy(() -> disk().load(NAME)).hasMessageContaining("more than");
    }

    @Test
    void theLargestObjectFitsItsFile() {
        Slots slots = new Slots(1);
        AmfValue value = AmfValue.of("x".repeat(900));
        for (int i = 0; slots.fits("slot" + i, value); i++) {
            slots.set("slot" + i, value);
        }
        assertThat(slots.count()).isGreaterThan(1_000);
        assertThat(ObjectFile.encode(NAME, slots.image()).length()).isLessThan(ObjectFile.MAX_BYTES);
    }

    @Test
    void objectsWithDifferentNamesNeverShareAFile() {
        List<SharedName> names = List.of(
                new SharedName("", "a"),
                new SharedName("a", "b"),
                new SharedName("", "a/b"),
                new SharedName("a/b", "c"),
                new SharedName("a", "b/c"),
                new SharedName("", "a/b/c"),
                new SharedName("a", "b.new"),
                new SharedName("a/b", "new"));
        Set<Path> paths = new HashSet<>();
        names.forEach(name -> {
            Path file = disk().fileOf(name);
            assertThat(file.normalize().startsWith(folder)).isTrue();
            assertThat(paths.add(file)).as(name.toString()).isTrue();
        });
    }

    @Test
    void namesThatWouldLeaveTheFolderAreNoNames() {
        for (String name : List.of(
                "",
                "..",
                ".",
                "../x",
                "a/../b",
                "/a",
                "a/",
                "a//b",
                "a\\b",
                "a\0b",
                "a+b",
                "a b",
                "%2e%2e",
                "x".repeat(129),
                "a/b/c/d/e/f/g/h/i",
                "語".repeat(67))) {
            assertThatThrownBy(() -> new SharedName("games", name))
                    .as(name)
                    .isInstanceOf(ProtocolException.class)
                    .hasMessageStartingWith("shared object's name is not");
        }
        assertThatThrownBy(() -> new SharedName("../etc", "a")).isInstanceOf(ProtocolException.class);
        assertThat(new SharedName("", "語".repeat(66)).name()).hasSize(66);
    }

    @Test
    void filesOfAnApplicationAreBounded() throws Exception {
        Path application = Files.createDirectories(folder.resolve("full"));
        for (int i = 0; i < Disk.MAX_FILES; i++) {
            Files.createFile(application.resolve("+o" + i));
        }
        assertThatThrownBy(() -> disk().load(new SharedName("full", "more")))
                .hasMessageContaining("has 1024 shared objects already");
        Files.delete(application.resolve("+o1"));
        assertThat(disk().load(new SharedName("full", "more"))).isEmpty();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> walk = Files.walk(folder)) {
            return walk.filter(Files::isRegularFile).toList();
        }
    }
}
