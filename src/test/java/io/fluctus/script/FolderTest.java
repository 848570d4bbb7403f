package io.fluctus.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files are applications, and of which path. */
class FolderTest {
    @TempDir
    Path root;

    private void file(String path) throws Exception {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "");
    }

    @Test
    void aPathIsTheFolderOfAMainFile() throws Exception {
        for (String path :
                new String[] {"main.lua", "games/chess/main.lua", "games/readme.md", "lobby/main.lua", "x/main.txt"}) {
            file(path);
        }
        assertThat(new Folder(root).scan().keySet()).containsExactly("", "games/chess", "lobby");
        assertThat(new Folder(root).scan()).containsEntry("games/chess", root.resolve("games/chess/main.lua"));
    }

    @Test
    void whatNoClientCanAskForIsNotSeen() throws Exception {
        for (String path : new String[] {".git/main.lua", "a b/main.lua", "a/.hidden/main.lua", "a/b:c/main.lua"}) {
            file(path);
        }
        file("1/2/3/4/5/6/7/8/main.lua");
        file("1/2/3/4/5/6/7/8/9/main.lua");
        Files.createDirectories(root.resolve("folder/main.lua"));
        assertThat(new Folder(root).scan().keySet()).containsExactly("1/2/3/4/5/6/7/8");
    }

    @Test
    void aCircleOfLinksEnds() throws Exception {
        file("a/main.lua");
        Files.createSymbolicLink(root.resolve("a/again"), root.resolve("a"));
        Files.createSymbolicLink(root.resolve("b"), root.resolve("a"));
        assertThat(new Folder(root).scan().keySet()).contains("a", "b");
    }

    @Test
    void aFolderThatIsNotThereHasNone() {
        assertThat(new Folder(root.resolve("nowhere")).scan()).isEmpty();
    }
}
