package io.fluctus.sharedobject;

import io.fluctus.bus.SharedNews;
import io.fluctus.bus.SharedWord;
import io.fluctus.media.SharedEvent;
import io.fluctus.media.SharedName;
import io.fluctus.wire.AmfValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Users of shared objects and the disk below, as lines of words: what users say goes in, what each of them hears is kept, and what
 * each of them holds then. Users are called by their ids, {@code a/1}; those of one verticle instance begin with the same letter.
 */
final class Group {
    static final long NOW = 1_000;
    static final SharedName LOBBY = new SharedName("games", "lobby");

    final SharedObjects objects;
    final Map<SharedName, Slots.Image> disk = new LinkedHashMap<>();
    final List<Effect> waiting = new ArrayList<>(); // for the disk
    private final Set<String> members = new LinkedHashSet<>();
    private final Map<String, List<String>> heard = new LinkedHashMap<>();
    private final Map<String, Map<String, AmfValue>> copies = new LinkedHashMap<>();
    private final Map<String, Map<String, AmfValue>> written = new LinkedHashMap<>(); // by user, what it asked for last
    boolean broken;

    Group() {
        this(true);
    }

    Group(boolean keeps) {
        objects = new SharedObjects(keeps);
    }

    // -- what users say

    Group say(String user, String... words) {
        return say(user, LOBBY, false, 0, words);
    }

    Group say(String user, SharedName name, boolean persistent, long version, String... words) {
        return say(new SharedWord(
                user,
                name,
                persistent,
                version,
                Arrays.stream(words).map(Group::event).toList()));
    }

    Group say(SharedWord word) {
        Map<String, AmfValue> own = written.computeIfAbsent(word.user(), first -> new LinkedHashMap<>());
        for (SharedEvent event : word.events()) {
            if (event instanceof SharedEvent.RequestChange change) {
                own.put(change.slot(), change.value());
            }
        }
        obey(objects.obey(word, NOW));
        return this;
    }

    static SharedEvent event(String words) {
        String[] word = words.split(" ");
        return switch (word[0]) {
            case "use" -> SharedEvent.USE;
            case "release" -> SharedEvent.RELEASE;
            case "clear" -> SharedEvent.CLEAR;
            case "set" -> new SharedEvent.RequestChange(word[1], value(word[2]));
            case "remove" -> new SharedEvent.RequestRemove(word[1]);
            case "send" -> new SharedEvent.SendMessage(word[1], List.of(value(word[2])));
            default -> throw new AssertionError(words);
        };
    }

    static AmfValue value(String word) {
        return word.equals("null") ? AmfValue.NULL : AmfValue.of(word);
    }

    // -- what comes of it

    void obey(List<Effect> effects) {
        for (Effect effect : effects) {
            if (effect instanceof Effect.Tell tell) {
                deliver(tell);
            } else {
                waiting.add(effect);
            }
        }
    }

    private void deliver(Effect.Tell tell) {
        SharedNews news = tell.news();
        if (!news.others()) {
            if (news.events().contains(SharedEvent.USE_SUCCESS)) {
                members.add(news.user());
            }
            hear(news.user(), news);
            return;
        }
        members.stream()
                .filter(member -> SharedObject.instanceOf(member).equals(tell.instance()))
                .filter(member -> !member.equals(news.user()))
                .forEach(member -> hear(member, news));
    }

    private void hear(String user, SharedNews news) {
        Map<String, AmfValue> copy = copies.computeIfAbsent(user, first -> new LinkedHashMap<>());
        for (SharedEvent event : news.events()) {
            heard.computeIfAbsent(user, first -> new ArrayList<>()).add(text(event));
            if (event instanceof SharedEvent.Change change) {
                copy.put(change.slot(), change.value());
            } else if (event instanceof SharedEvent.Success success) {
                copy.put(success.slot(), written.get(user).get(success.slot()));
            } else if (event instanceof SharedEvent.Remove remove) {
                copy.remove(remove.slot());
            } else if (event instanceof SharedEvent.Clear) {
                copy.clear();
            }
        }
    }

    static String text(SharedEvent event) {
        if (event instanceof SharedEvent.Change change) {
            return "change " + change.slot() + " " + change.value().string().orElse("?");
        }
        if (event instanceof SharedEvent.Success success) {
            return "success " + success.slot();
        }
        if (event instanceof SharedEvent.Remove remove) {
            return "removed " + remove.slot();
        }
        if (event instanceof SharedEvent.SendMessage message) {
            return "sent " + message.handler() + " "
                    + message.arguments().get(0).string().orElse("?");
        }
        if (event instanceof SharedEvent.Status status) {
            return status.level() + " " + status.code();
        }
        return event instanceof SharedEvent.Clear ? "cleared" : "using";
    }

    /** What this user has heard since this was asked last, as one line. */
    String heard(String user) {
        List<String> words = heard.remove(user);
        return words == null ? "" : String.join(", ", words);
    }

    /** What this user holds. */
    String copy(String user) {
        return copies.getOrDefault(user, Map.of()).entrySet().stream()
                .map(slot -> slot.getKey() + "=" + slot.getValue().string().orElse("?"))
                .collect(Collectors.joining(" "));
    }

    // -- the disk

    /** The disk does what it is asked for, until nothing is left. */
    Group settle() {
        while (!waiting.isEmpty()) {
            Effect effect = waiting.remove(0);
            if (effect instanceof Effect.Load load) {
                obey(
                        broken
                                ? objects.notLoaded(load.name())
                                : objects.loaded(load.name(), Optional.ofNullable(disk.get(load.name())), NOW));
            } else if (effect instanceof Effect.Save save) {
                if (!broken) {
                    disk.put(save.name(), save.image());
                }
                obey(objects.saved(save.name(), !broken));
            } else if (effect instanceof Effect.Erase erase) {
                disk.remove(erase.name());
                obey(objects.saved(erase.name(), !broken));
            }
        }
        return this;
    }

    Group tick() {
        obey(objects.tick());
        return this;
    }
}
