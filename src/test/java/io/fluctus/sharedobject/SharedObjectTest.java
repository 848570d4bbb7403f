package io.fluctus.sharedobject;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.bus.SharedWord;
import io.fluctus.media.SharedEvent;
import io.fluctus.wire.AmfValue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What users of one shared object say, and what each of them hears. */
class SharedObjectTest {
    private final Group group = new Group();

    @Test
    void whoUsesItHearsWhatIsInIt() {
        group.say("a/1", "use", "set x 1", "set y 2");
        assertThat(group.heard("a/1")).isEqualTo("using, cleared, success x, success y");
        group.say("a/2", "use");
        assertThat(group.heard("a/2")).isEqualTo("using, cleared, change x 1, change y 2");
        assertThat(group.heard("a/1")).isEmpty();
    }

    @Test
    void aChangeIsConfirmedToItsWriterAndToldToAllOthersOnEveryInstance() {
        group.say("a/1", "use").say("a/2", "use").say("b/1", "use");
        List.of("a/1", "a/2", "b/1").forEach(group::heard);
        group.say("a/1", "set x 1");
        assertThat(group.heard("a/1")).isEqualTo("success x");
        assertThat(group.heard("a/2")).isEqualTo("change x 1");
        assertThat(group.heard("b/1")).isEqualTo("change x 1");
    }

    @Test
    void whatIsSentGoesToAllWithTheSenderAndIsNotKept() {
        group.say("a/1", "use").say("b/1", "use");
        group.heard("a/1");
        group.heard("b/1");
        group.say("a/1", "send hello world");
        assertThat(group.heard("a/1")).isEqualTo("sent hello world");
        assertThat(group.heard("b/1")).isEqualTo("sent hello world");
        group.say("b/2", "use");
        assertThat(group.heard("b/2")).isEqualTo("using, cleared");
    }

    @Test
    void changesAndMessagesKeepTheirOrder() {
        group.say("a/1", "use").say("b/1", "use");
        group.heard("b/1");
        group.say("a/1", "set x 1", "send go now", "set y 2");
        assertThat(group.heard("b/1")).isEqualTo("change x 1, sent go now, change y 2");
    }

    @Test
    void aRemovedSlotIsToldToAllWithTheOneWhoAsked() {
        group.say("a/1", "use", "set x 1").say("b/1", "use");
        group.heard("a/1");
        group.heard("b/1");
        group.say("a/1", "remove x");
        assertThat(group.heard("a/1")).isEqualTo("removed x");
        assertThat(group.heard("b/1")).isEqualTo("removed x");
        group.say("a/1", "remove x");
        assertThat(group.heard("a/1")).as("Flash waits for an answer").isEqualTo("removed x");
        assertThat(group.heard("b/1")).isEmpty();
    }

    @Test
    void nullRemovesASlot() {
        group.say("a/1", "use", "set x 1").say("b/1", "use");
        group.heard("b/1");
        group.say("a/1", "set x null");
        assertThat(group.heard("b/1")).isEqualTo("removed x");
        group.say(new SharedWord(
                "a/1", Group.LOBBY, false, 0, List.of(new SharedEvent.RequestChange("y", AmfValue.UNDEFINED))));
        assertThat(group.heard("b/1")).isEmpty();
    }

    @Test
    void clearEmptiesItForAll() {
        group.say("a/1", "use", "set x 1", "set y 2").say("b/1", "use");
        group.heard("a/1");
        group.heard("b/1");
        group.say("a/1", "clear");
        assertThat(group.heard("a/1")).isEqualTo("cleared");
        assertThat(group.heard("b/1")).isEqualTo("cleared");
        group.say("c/1", "use");
        assertThat(group.heard("c/1")).isEqualTo("using, cleared");
    }

    @Test
    void theLastChangeOfASlotHoldsForAll() {
        group.say("a/1", "use").say("b/1", "use").say("c/1", "use");
        group.say("a/1", "set x 1").say("b/1", "set x 2");
        assertThat(group.copy("c/1")).isEqualTo("x=2");
        assertThat(group.copy("a/1")).isEqualTo("x=2");
    }

    @Test
    void ofSeveralChangesInOneMessageOthersHearTheLast() {
        group.say("a/1", "use").say("b/1", "use");
        group.heard("b/1");
        group.say("a/1", "set x 1", "set y 1", "set x 2", "remove y", "send z z", "set x 3");
        assertThat(group.heard("b/1")).isEqualTo("removed y, sent z z, change x 3");
        group.say("a/1", "set w 1", "clear", "set v 1");
        assertThat(group.heard("b/1")).isEqualTo("cleared, change v 1");
    }

    @Test
    void whoRemovesAndSetsAtOnceEndsWithWhatOthersHave() {
        group.say("a/1", "use", "set x 1");
        group.heard("a/1");
        group.say("a/1", "remove x", "set x 2");
        assertThat(group.heard("a/1")).isEqualTo("success x, change x 2");
    }

    @Test
    void whoUsesItAgainBeginsAnewAndCountsOnce() {
        group.say("a/1", "use", "set x 1").say("a/1", "use");
        assertThat(group.heard("a/1")).endsWith("using, cleared, change x 1");
        group.say("a/1", "release");
        assertThat(group.objects.isEmpty()).isTrue();
    }

    @Test
    void manyUsesInOneMessageAreAnsweredOnce() {
        group.say("a/1", "use", "use", "use", "set x 1", "use");
        assertThat(group.heard("a/1")).isEqualTo("success x, using, cleared, change x 1");
    }

    @Test
    void whoReleasedItHearsNothingMoreAndMayNotWrite() {
        group.say("a/1", "use").say("b/1", "use").say("b/1", "release");
        group.heard("b/1");
        group.say("a/1", "set x 1");
        group.say("b/1", "set x 2", "remove x", "clear", "send a b");
        assertThat(group.heard("b/1")).isEqualTo("error SharedObject.NoWriteAccess");
        group.say("c/1", "use");
        assertThat(group.heard("c/1")).endsWith("change x 1");
    }

    @Test
    void whoNeverUsedItMayNotWrite() {
        group.say("a/1", "set x 1");
        assertThat(group.heard("a/1")).isEqualTo("error SharedObject.NoWriteAccess");
        assertThat(group.objects.isEmpty()).isTrue();
        group.say("a/1", "release");
        assertThat(group.heard("a/1")).isEmpty();
    }

    @Test
    void itsKindIsThatOfItsFirstUser() {
        group.say("a/1", "use");
        group.say("b/1", Group.LOBBY, true, 0, "use", "set x 1");
        assertThat(group.heard("b/1")).isEqualTo("error SharedObject.BadPersistence, error SharedObject.NoWriteAccess");
    }

    @Test
    void whatOnlyServersSayIsPassedOver() {
        group.say("a/1", "use").say("b/1", "use");
        group.heard("a/1");
        group.heard("b/1");
        group.say(new SharedWord(
                "a/1",
                Group.LOBBY,
                false,
                0,
                List.of(
                        new SharedEvent.Change("x", AmfValue.of("1")),
                        new SharedEvent.Remove("x"),
                        new SharedEvent.Success("x"),
                        SharedEvent.USE_SUCCESS,
                        SharedEvent.Status.error("x"))));
        assertThat(group.heard("a/1") + group.heard("b/1")).isEmpty();
    }

    @Test
    void theVersionRisesWithWhatChangesAndWithNothingElse() {
        SharedObject object = new SharedObject(Group.LOBBY, false, new Slots(7), new Budget(1, 1_000_000));
        List<Long> versions = new ArrayList<>();
        for (List<String> words : List.of(
                List.of("use"),
                List.of("set x 1", "set y 1"),
                List.of("send a b"),
                List.of("remove x"),
                List.of("remove x"),
                List.of("set y null", "set z 1"),
                List.of("clear"))) {
            object.obey(new SharedWord(
                    "a/1",
                    Group.LOBBY,
                    false,
                    0,
                    words.stream().map(Group::event).toList()));
            versions.add(object.slots().version());
        }
        assertThat(versions).containsExactly(7L, 8L, 8L, 9L, 9L, 10L, 11L);
    }

    // -- bounds

    private void set(String user, String slot, AmfValue value) {
        group.say(new SharedWord(user, Group.LOBBY, false, 0, List.of(new SharedEvent.RequestChange(slot, value))));
    }

    @Test
    void aValueThatIsTooLargeIsRefusedAndWhatHoldsIsTold() {
        group.say("a/1", "use", "set x 1").say("b/1", "use");
        group.heard("a/1");
        group.heard("b/1");
        set("a/1", "x", AmfValue.of("x".repeat(Slots.MAX_VALUE)));
        assertThat(group.heard("a/1")).isEqualTo("error SharedObject.NoWriteAccess, change x 1");
        set("a/1", "y", AmfValue.of("x".repeat(Slots.MAX_VALUE)));
        assertThat(group.heard("a/1")).isEqualTo("error SharedObject.NoWriteAccess, removed y");
        assertThat(group.heard("b/1")).isEmpty();
        set("a/1", "y", AmfValue.of("x".repeat(Slots.MAX_VALUE - 5)));
        assertThat(group.heard("a/1")).isEqualTo("success y");
    }

    @Test
    void aSmallValueThatRefersToItselfManyTimesIsAsLargeAsItReads() {
        AmfValue text = AmfValue.of("x".repeat(1_000));
        AmfValue bomb =
                AmfValue.Array.of(IntStream.range(0, 100).mapToObj(i -> text).toArray(AmfValue[]::new));
        group.say("a/1", "use");
        group.heard("a/1");
        set("a/1", "x", bomb);
        assertThat(group.heard("a/1")).startsWith("error SharedObject.NoWriteAccess");
    }

    @Test
    void namesAreWhatMessagesCanSay() {
        group.say("a/1", "use");
        group.heard("a/1");
        set("a/1", "x".repeat(Slots.MAX_NAME), AmfValue.of(1));
        assertThat(group.heard("a/1")).startsWith("success");
        set("a/1", "x".repeat(Slots.MAX_NAME + 1), AmfValue.of(1));
        assertThat(group.heard("a/1")).startsWith("error SharedObject.NoWriteAccess");
        set("a/1", "", AmfValue.of(1));
        assertThat(group.heard("a/1")).startsWith("error SharedObject.NoWriteAccess");
        group.say("a/1", "send " + "x".repeat(Slots.MAX_NAME + 1) + " y");
        assertThat(group.heard("a/1")).isEqualTo("error SharedObject.NoWriteAccess");
        List<AmfValue> many = Collections.nCopies(SharedObject.MAX_ARGUMENTS + 1, AmfValue.NULL);
        group.say(new SharedWord("a/1", Group.LOBBY, false, 0, List.of(new SharedEvent.SendMessage("s", many))));
        assertThat(group.heard("a/1")).isEqualTo("error SharedObject.NoWriteAccess");
    }

    @Test
    void slotsAreBounded() {
        group.say("a/1", "use");
        for (int i = 0; i < Slots.MAX_SLOTS; i++) {
            group.say("a/1", "set s" + i + " 1");
        }
        group.heard("a/1");
        group.say("a/1", "set more 1");
        assertThat(group.heard("a/1")).isEqualTo("error SharedObject.NoWriteAccess, removed more");
        group.say("a/1", "set s0 2", "remove s1", "set more 1");
        assertThat(group.heard("a/1")).isEqualTo("success s0, removed s1, success more");
    }

    @Test
    void bytesOfAnObjectAreBounded() {
        group.say("a/1", "use");
        AmfValue large = AmfValue.of("x".repeat(60_000));
        for (int i = 0; i < Slots.MAX_BYTES / 60_000 - 1; i++) {
            set("a/1", "s" + i, large);
        }
        assertThat(group.heard("a/1")).doesNotContain("error");
        set("a/1", "t", large);
        set("a/1", "u", large);
        assertThat(group.heard("a/1")).endsWith("error SharedObject.NoWriteAccess, removed u");
        group.say("a/1", "clear");
        set("a/1", "u", large);
        assertThat(group.heard("a/1")).endsWith("success u");
    }

    @Test
    void whatIsSentInOneMessageIsBounded() {
        group.say("a/1", "use").say("b/1", "use");
        group.heard("a/1");
        group.heard("b/1");
        SharedEvent large = new SharedEvent.SendMessage("s", List.of(AmfValue.of("x".repeat(40_000))));
        group.say(new SharedWord("a/1", Group.LOBBY, false, 0, List.of(large, large)));
        assertThat(group.heard("a/1")).endsWith("error SharedObject.NoWriteAccess");
        assertThat(group.heard("b/1").length()).isBetween(40_000, 41_000);
    }

    @Test
    void muchIsToldInSeveralParts() {
        SharedObject object = new SharedObject(Group.LOBBY, false, new Slots(7), new Budget(1, 10_000_000));
        List<SharedEvent> events = new ArrayList<>(List.of(SharedEvent.USE));
        for (int i = 0; i < 10; i++) {
            events.add(new SharedEvent.RequestChange("s" + i, AmfValue.of("x".repeat(30_000))));
        }
        object.obey(new SharedWord("a/1", Group.LOBBY, false, 0, events));
        List<Effect> told = object.obey(new SharedWord("b/1", Group.LOBBY, false, 0, List.of(SharedEvent.USE)));
        assertThat(told).hasSize(5);
        assertThat(told.stream().flatMap(effect -> ((Effect.Tell) effect).news().events().stream()))
                .hasSize(12);
        assertThat(((Effect.Tell) told.get(0)).news().events().get(0)).isEqualTo(SharedEvent.USE_SUCCESS);
    }

    // -- all together

    @Test
    void whateverHappensAllHoldTheSameInTheEnd() {
        SplittableRandom random = new SplittableRandom(3);
        List<String> users = List.of("a/1", "a/2", "b/1", "c/1", "c/2");
        users.forEach(user -> group.say(user, "use"));
        for (int i = 0; i < 2_000; i++) {
            List<String> words = new ArrayList<>();
            for (int n = random.nextInt(1, 4); n > 0; n--) {
                String slot = "s" + random.nextInt(6);
                words.add(
                        switch (random.nextInt(8)) {
                            case 0 -> "remove " + slot;
                            case 1 -> "send m " + i;
                            case 2 -> random.nextInt(50) == 0 ? "clear" : "set " + slot + " null";
                            default -> "set " + slot + " " + i;
                        });
            }
            group.say(users.get(random.nextInt(users.size())), words.toArray(String[]::new));
        }
        group.say("a/1", "set s0 last").say("d/1", "use");
        assertThat(group.copy("d/1")).isNotEmpty();
        for (String user : users) {
            assertThat(sorted(group.copy(user))).isEqualTo(sorted(group.copy("d/1")));
        }
    }

    @Test
    void allHearTheSameThingsInTheSameOrder() {
        SplittableRandom random = new SplittableRandom(4);
        List<String> users = List.of("a/1", "b/1", "b/2");
        List<String> watchers = List.of("a/8", "a/9", "b/9", "c/9");
        users.forEach(user -> group.say(user, "use"));
        watchers.forEach(user -> group.say(user, "use"));
        watchers.forEach(group::heard);
        for (int i = 0; i < 1_000; i++) {
            String slot = "s" + random.nextInt(4);
            group.say(
                    users.get(random.nextInt(users.size())),
                    random.nextBoolean() ? "set " + slot + " " + i : "send m " + i,
                    "remove s" + random.nextInt(4));
        }
        String first = group.heard(watchers.get(0));
        assertThat(first.length()).isGreaterThan(10_000);
        watchers.stream()
                .skip(1)
                .forEach(watcher -> assertThat(group.heard(watcher)).isEqualTo(first));
    }

    private static List<String> sorted(String copy) {
        return List.of(copy.split(" ")).stream().sorted().toList();
    }
}
