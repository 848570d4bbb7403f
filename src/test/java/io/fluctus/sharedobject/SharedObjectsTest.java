package io.fluctus.sharedobject;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.bus.SharedWord;
import io.fluctus.media.SharedEvent;
import io.fluctus.media.SharedName;
import io.fluctus.wire.AmfValue;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which shared objects there are, how long, how many, and when the disk hears of them. */
class SharedObjectsTest {
    private static final SharedName SCORES = new SharedName("games", "scores");

    private final Group group = new Group();

    private Group persistent(String user, long version, String... words) {
        return group.say(user, SCORES, true, version, words);
    }

    // -- temporary

    @Test
    void aTemporaryObjectVanishesWithItsLastUser() {
        group.say("a/1", "use", "set x 1").say("b/1", "use").say("a/1", "release");
        assertThat(group.objects.isEmpty()).isFalse();
        group.say("b/1", "release");
        assertThat(group.objects.isEmpty()).isTrue();
        group.say("a/1", "use");
        assertThat(group.heard("a/1")).endsWith("using, cleared");
        assertThat(group.waiting).isEmpty();
    }

    @Test
    void applicationsShareNothing() {
        group.say("a/1", new SharedName("chess", "lobby"), false, 0, "use", "set x 1");
        group.say("b/1", new SharedName("", "lobby"), false, 0, "use");
        assertThat(group.heard("b/1")).isEqualTo("using, cleared");
    }

    // -- persistent

    @Test
    void aPersistentObjectIsReadBeforeItsFirstUserHearsAnything() {
        persistent("a/1", 0, "use", "set x 1").say("b/1", SCORES, true, 0, "use");
        assertThat(group.heard("a/1")).isEmpty();
        assertThat(group.waiting).containsExactly(new Effect.Load(SCORES));
        group.settle();
        assertThat(group.heard("a/1")).isEqualTo("using, cleared, success x");
        assertThat(group.heard("b/1")).isEqualTo("using, cleared, change x 1");
    }

    @Test
    void whatItHoldsSurvivesItsLastUser() {
        persistent("a/1", 0, "use", "set x 1").settle();
        persistent("a/1", 0, "release").settle();
        assertThat(group.objects.isEmpty()).isTrue();
        persistent("b/1", 0, "use").settle();
        assertThat(group.heard("b/1")).isEqualTo("using, cleared, change x 1");
    }

    @Test
    void manyChangesAreWrittenOnceATick() {
        persistent("a/1", 0, "use").settle();
        for (int i = 0; i < 100; i++) {
            persistent("a/1", 0, "set x " + i);
        }
        assertThat(group.waiting).isEmpty();
        group.tick();
        assertThat(group.waiting).hasSize(1);
        persistent("a/1", 0, "set x last");
        group.tick();
        assertThat(group.waiting).as("one at a time").hasSize(1);
        group.settle().tick().settle().tick();
        assertThat(group.waiting).isEmpty();
        assertThat(group.disk.get(SCORES).slots().get("x").value()).isEqualTo(AmfValue.of("last"));
    }

    @Test
    void nothingIsWrittenWhereNothingChanged() {
        persistent("a/1", 0, "use").settle();
        group.tick();
        persistent("a/1", 0, "send a b", "remove nothing", "release");
        assertThat(group.waiting).isEmpty();
        assertThat(group.objects.isEmpty()).isTrue();
    }

    @Test
    void anEmptyObjectLeavesNoFile() {
        persistent("a/1", 0, "use", "set x 1").settle();
        group.tick().settle();
        assertThat(group.disk).containsKey(SCORES);
        persistent("a/1", 0, "clear", "release").settle();
        assertThat(group.disk).isEmpty();
        assertThat(group.objects.isEmpty()).isTrue();
    }

    @Test
    void whoComesBackWhileItIsWrittenFindsIt() {
        persistent("a/1", 0, "use", "set x 1").settle();
        persistent("a/1", 0, "release");
        persistent("b/1", 0, "use");
        assertThat(group.heard("b/1")).isEqualTo("using, cleared, change x 1");
        group.settle();
        persistent("b/1", 0, "set x 2", "release").settle();
        assertThat(group.disk.get(SCORES).slots().get("x").value()).isEqualTo(AmfValue.of("2"));
        assertThat(group.objects.isEmpty()).isTrue();
    }

    @Test
    void whatCouldNotBeWrittenIsKeptAndTriedAgain() {
        persistent("a/1", 0, "use", "set x 1").settle();
        group.broken = true;
        persistent("a/1", 0, "release").settle();
        assertThat(group.objects.isEmpty()).isFalse();
        for (int i = 1; i < SharedObjects.RETRY_TICKS; i++) {
            assertThat(group.tick().waiting).isEmpty();
        }
        group.broken = false;
        group.tick().settle();
        assertThat(group.disk).containsKey(SCORES);
        assertThat(group.objects.isEmpty()).isTrue();
    }

    @Test
    void whatCannotBeReadIsRefusedAndNotReplaced() {
        group.broken = true;
        persistent("a/1", 0, "use", "set x 1").settle();
        assertThat(group.heard("a/1"))
                .isEqualTo("error SharedObject.ObjectCreationFailed, error SharedObject.NoWriteAccess");
        assertThat(group.objects.isEmpty()).isTrue();
        assertThat(group.waiting).isEmpty();
    }

    @Test
    void atTheEndWhatHasChangedIsWritten() {
        persistent("a/1", 0, "use", "set x 1").settle();
        persistent("a/1", 0, "set x 2");
        group.tick(); // under way
        persistent("a/1", 0, "set x 3");
        group.obey(group.objects.finish());
        group.settle();
        assertThat(group.disk.get(SCORES).slots().get("x").value()).isEqualTo(AmfValue.of("3"));
    }

    @Test
    void withoutAFolderPersistentObjectsAreRefused() {
        Group memory = new Group(false);
        memory.say("a/1", SCORES, true, 0, "use");
        assertThat(memory.heard("a/1")).isEqualTo("error SharedObject.ObjectCreationFailed");
        memory.say("a/1", "use");
        assertThat(memory.heard("a/1")).isEqualTo("using, cleared");
    }

    // -- those who come back with a copy

    @Test
    void whoHasARecentCopyHearsWhatHasChangedSince() {
        persistent("a/1", 0, "use", "set x 1", "set y 1", "set z 1").settle();
        long version = versionOf("scores");
        persistent("a/1", 0, "set x 2").say("a/1", SCORES, true, 0, "remove y");
        persistent("b/1", version, "use");
        assertThat(group.heard("b/1")).isEqualTo("using, removed y, change x 2");
        persistent("b/2", versionOf("scores"), "use");
        assertThat(group.heard("b/2")).isEqualTo("using");
    }

    @Test
    void whatWasRemovedIsRememberedOnDisk() {
        persistent("a/1", 0, "use", "set x 1", "set y 1").settle();
        long version = versionOf("scores");
        persistent("a/1", 0, "remove y").say("a/1", SCORES, true, 0, "release").settle();
        persistent("b/1", version, "use").settle();
        assertThat(group.heard("b/1")).isEqualTo("using, removed y");
    }

    @Test
    void whoHasACopyOfAnotherLifeBeginsAnew() {
        persistent("a/1", 0, "use", "set x 1").settle();
        long now = versionOf("scores");
        for (long strange : List.of(1L, Group.NOW - 1, now + 1, 0xFFFFFFFFL)) {
            persistent("b/" + strange, strange, "use");
            assertThat(group.heard("b/" + strange)).isEqualTo("using, cleared, change x 1");
        }
    }

    @Test
    void afterAClearOldCopiesBeginAnew() {
        persistent("a/1", 0, "use", "set x 1").settle();
        long version = versionOf("scores");
        persistent("a/1", 0, "clear", "set y 1");
        persistent("b/1", version, "use");
        assertThat(group.heard("b/1")).isEqualTo("using, cleared, change y 1");
    }

    @Test
    void removedSlotsAreForgottenAboveTheirBound() {
        persistent("a/1", 0, "use", "set first 1").settle();
        long version = versionOf("scores");
        persistent("a/1", 0, "remove first");
        for (int i = 0; i < Slots.MAX_REMOVED; i++) {
            persistent("a/1", 0, "set s" + i + " 1").say("a/1", SCORES, true, 0, "remove s" + i);
        }
        persistent("b/1", version, "use");
        assertThat(group.heard("b/1")).isEqualTo("using, cleared");
        persistent("b/2", version + 2, "use");
        assertThat(group.heard("b/2")).startsWith("using, removed s0, removed s1,");
    }

    @Test
    void aTemporaryObjectIsAlwaysToldWhole() {
        group.say("a/1", "use", "set x 1");
        long version = versionOf("lobby");
        group.say("b/1", Group.LOBBY, false, version, "use");
        assertThat(group.heard("b/1")).isEqualTo("using, cleared, change x 1");
    }

    private long versionOf(String name) {
        return group.objects.list("games").stream()
                .map(JsonObject.class::cast)
                .filter(object -> object.getString("name").equals(name))
                .findFirst()
                .orElseThrow()
                .getLong("version");
    }

    // -- bounds

    @Test
    void objectsOfAnApplicationAreBounded() {
        for (int i = 0; i < SharedObjects.MAX_OBJECTS_OF_AN_APPLICATION; i++) {
            group.say("a/1", new SharedName("games", "o" + i), false, 0, "use");
        }
        assertThat(group.heard("a/1")).doesNotContain("error");
        group.say("a/1", new SharedName("games", "more"), false, 0, "use");
        assertThat(group.heard("a/1")).isEqualTo("error SharedObject.ObjectCreationFailed");
        group.say("a/1", new SharedName("games", "o7"), false, 0, "release");
        group.say("a/1", new SharedName("games", "more"), false, 0, "use");
        assertThat(group.heard("a/1")).isEqualTo("using, cleared");
    }

    @Test
    void objectsOfANodeAreBounded() {
        int applications = SharedObjects.MAX_OBJECTS / SharedObjects.MAX_OBJECTS_OF_AN_APPLICATION;
        for (int app = 0; app < applications; app++) {
            for (int i = 0; i < SharedObjects.MAX_OBJECTS_OF_AN_APPLICATION; i++) {
                group.objects.obey(word(new SharedName("app" + app, "o" + i), SharedEvent.USE), 0);
            }
        }
        group.say("b/1", "use");
        assertThat(group.heard("b/1")).isEqualTo("error SharedObject.ObjectCreationFailed");
    }

    private static SharedWord word(SharedName name, SharedEvent... events) {
        return new SharedWord("a/1", name, false, 0, List.of(events));
    }

    @Test
    void bytesOfAnApplicationAreBoundedOverAllItsObjects() {
        List<SharedEvent> megabyte = new ArrayList<>(List.of(SharedEvent.USE));
        for (int i = 0; i < 16; i++) {
            megabyte.add(new SharedEvent.RequestChange("s" + i, AmfValue.of("x".repeat(64_000))));
        }
        List<String> refused = new ArrayList<>();
        for (int i = 0; i < 36; i++) {
            SharedName name = new SharedName("games", "o" + i);
            group.say(word(name, megabyte.toArray(SharedEvent[]::new)));
            refused.add(group.heard("a/1").contains("error") ? name.name() : "");
        }
        assertThat(refused.subList(0, 32)).containsOnly("");
        assertThat(refused.subList(33, 36)).doesNotContain("");
        group.say(word(new SharedName("games", "o0"), SharedEvent.CLEAR));
        group.heard("a/1");
        group.say(word(
                new SharedName("games", "o35"), new SharedEvent.RequestChange("a", AmfValue.of("x".repeat(64_000)))));
        assertThat(group.heard("a/1")).isEqualTo("success a");
    }

    @Test
    void nothingIsLeftOfWhatWasUsed() {
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 100; i++) {
                SharedName name = new SharedName("app" + i % 7, "o" + i);
                group.say("a/1", name, i % 2 == 0, 0, "use", "set x 1", "set y 2", "remove x")
                        .settle();
                group.say("a/1", name, i % 2 == 0, 0, "set y " + round, "release")
                        .settle();
            }
            assertThat(group.objects.isEmpty()).isTrue();
        }
        assertThat(group.disk).hasSize(50);
    }

    @Test
    void wordsThatWaitForTheDiskAreBounded() {
        for (int i = 0; i < SharedObjects.MAX_HELD; i++) {
            persistent("a/1", 0, "use");
        }
        persistent("b/1", 0, "use");
        assertThat(group.heard("b/1")).isEqualTo("error SharedObject.ObjectCreationFailed");
        group.settle();
        assertThat(group.heard("a/1")).startsWith("using, cleared");
    }

    @Test
    void aFileBeyondTheApplicationsBytesIsRefused() {
        persistent("a/1", 0, "use", "set x 1").settle();
        persistent("a/1", 0, "release").settle();
        List<SharedEvent> most = new ArrayList<>(List.of(SharedEvent.USE));
        for (int i = 0; i < 16; i++) {
            most.add(new SharedEvent.RequestChange("s" + i, AmfValue.of("x".repeat(65_300))));
        }
        for (int i = 0; i < 33; i++) {
            group.say(word(new SharedName("games", "o" + i), most.toArray(SharedEvent[]::new)));
        }
        for (int i = 0; i < 1_024; i++) {
            group.say(word(
                    new SharedName("games", "o32"),
                    new SharedEvent.RequestChange("t" + i, AmfValue.of("x".repeat(600)))));
        }
        group.heard("a/1");
        persistent("b/1", 0, "use").settle();
        assertThat(group.heard("b/1")).startsWith("error SharedObject.ObjectCreationFailed");
        assertThat(group.disk).containsKey(SCORES);
    }

    @Test
    void listSaysWhatIsInUse() {
        group.say("a/1", "use", "set x 1").say("b/1", "use");
        JsonObject object = group.objects.list("games").getJsonObject(0);
        assertThat(object.getString("name")).isEqualTo("lobby");
        assertThat(object.getInteger("users")).isEqualTo(2);
        assertThat(object.getInteger("slots")).isEqualTo(1);
        assertThat(object.getBoolean("persistent")).isFalse();
        assertThat(group.objects.list("chess")).isEmpty();
    }
}
