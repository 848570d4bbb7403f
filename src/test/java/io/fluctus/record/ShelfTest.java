package io.fluctus.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.media.StreamName;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names, the folder, and the disk's side of a recording. */
class ShelfTest {
    private static final Instant AT = Instant.parse("2026-11-23T18:05:09Z");

    @TempDir
    Path folder;

    @Test
    void aNameIsMadeOfTheStreamAndTheTime() {
        FileName names = new FileName(folder, "{app}/{stream}-{date}-{time}", "mp4");
        StreamName stream = StreamName.parse("live/sport/cam1");
        assertThat(names.of(stream, AT, 1)).isEqualTo(folder.resolve("live/sport/cam1-20261123-180509.mp4"));
        assertThat(names.of(stream, AT, 2)).isEqualTo(folder.resolve("live/sport/cam1-20261123-180509-2.mp4"));
        assertThat(names.of(StreamName.parse("cam1"), AT, 1)).isEqualTo(folder.resolve("cam1-20261123-180509.mp4"));
    }

    @Test
    void noNameLeadsOutOfTheFolder() {
        FileName names = new FileName(folder, "{stream}/../../{stream}", "mp4");
        assertThatThrownBy(() -> names.of(StreamName.parse("a"), AT, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void recordingsAreListedNewestFirst() throws IOException {
        Files.createDirectories(folder.resolve("live"));
        for (String name : List.of("live/a.flv", "b.mp4", "live/notes.txt")) {
            Files.writeString(folder.resolve(name), name);
        }
        Files.setLastModifiedTime(folder.resolve("b.mp4"), FileTime.fromMillis(1_000));
        Files.createSymbolicLink(folder.resolve("link.mp4"), folder.resolve("b.mp4"));
        Shelf shelf = new Shelf(folder);
        assertThat(shelf.list().stream().map(Shelf.Item::path)).containsExactly("live/a.flv", "b.mp4");
        assertThat(shelf.list().get(1)).isEqualTo(new Shelf.Item("b.mp4", 5, 1_000));
        assertThat(new Shelf(folder.resolve("none")).list()).isEmpty();
    }

    @Test
    void whatIsTooOldOrTooMuchGoesButNeverWhatIsBeingWritten() {
        List<Shelf.Item> items = List.of(
                new Shelf.Item("d", 10, 40),
                new Shelf.Item("c", 10, 30),
                new Shelf.Item("b", 10, 20),
                new Shelf.Item("a", 10, 10));
        record Row(long oldest, long maxBytes, Set<String> inUse, List<String> gone) {}
        List<Row> rows = List.of(
                new Row(Long.MIN_VALUE, 0, Set.of(), List.of()),
                new Row(Long.MIN_VALUE, 40, Set.of(), List.of()),
                new Row(Long.MIN_VALUE, 39, Set.of(), List.of("a")),
                new Row(Long.MIN_VALUE, 20, Set.of("b"), List.of("a")),
                new Row(25, 0, Set.of(), List.of("b", "a")),
                new Row(25, 15, Set.of("d"), List.of("c", "b", "a")));
        for (Row row : rows) {
            assertThat(Shelf.surplus(items, row.inUse, row.oldest, row.maxBytes).stream()
                            .map(Shelf.Item::path))
                    .as(row.toString())
                    .isEqualTo(row.gone);
        }
    }

    @Test
    void stepsMakeFilesAndNeverTouchOneThatIsThere() throws IOException {
        FileName names = new FileName(folder, "x/{stream}", "mp4");
        Files.createDirectories(folder.resolve("x"));
        Files.writeString(folder.resolve("x/s.mp4"), "somebody else's");
        Reel reel = new Reel(attempt -> names.of(StreamName.parse("s"), AT, attempt));
        reel.run(List.of(
                new Step.Open(),
                new Step.Append(Buffer.buffer("hello ")),
                new Step.Append(Buffer.buffer("world")),
                new Step.Patch(0, Buffer.buffer("J"))));
        reel.run(List.of(new Step.Append(Buffer.buffer("!")), new Step.Close(1)));
        assertThat(folder.resolve("x/s-2.mp4")).hasContent("Jello world!");
        assertThat(folder.resolve("x/s.mp4")).hasContent("somebody else's");
        assertThat(reel.file()).isEqualTo(folder.resolve("x/s-2.mp4"));
    }

    @Test
    void aBacklogIsFullAboveItsBoundUntilHalfOfItIsDone() {
        Backlog backlog = new Backlog(100);
        backlog.add(List.of(new Step.Append(Buffer.buffer(new byte[101]))));
        assertThat(backlog.full()).isTrue();
        assertThat(backlog.take()).hasSize(1);
        assertThat(backlog.full()).as("on its way").isTrue();
        backlog.add(List.of(new Step.Append(Buffer.buffer(new byte[60]))));
        backlog.done();
        assertThat(backlog.full()).as("above half").isTrue();
        backlog.take();
        backlog.done();
        assertThat(backlog.full()).isFalse();
        assertThat(backlog.isEmpty()).isTrue();
    }
}
