package io.fluctus.sharedobject;

import io.fluctus.bus.SharedNews;
import io.fluctus.bus.SharedWord;
import io.fluctus.media.SharedEvent;
import io.fluctus.media.SharedName;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;

/** All shared objects of a node, as long as anybody uses them or the disk has to hear of them. */
final class SharedObjects {
    static final int MAX_OBJECTS = 16_384;
    static final int MAX_OBJECTS_OF_AN_APPLICATION = 1_024;

    /** Bytes of slots, as {@link Weight} has them. */
    static final long MAX_BYTES = 128L * 1024 * 1024;

    static final long MAX_BYTES_OF_AN_APPLICATION = 32L * 1024 * 1024;

    /** Words that wait until an object is there from the disk. */
    static final int MAX_HELD = 1_024;

    /** Ticks until a file that could not be written is tried again. */
    static final int RETRY_TICKS = 10;

    private final boolean keeps;
    private final Budget budget = new Budget(MAX_OBJECTS, MAX_BYTES);
    private final Map<String, Budget> budgets = new HashMap<>(); // by application
    private final Map<SharedName, Entry> entries = new HashMap<>();

    /** An object, or one that the disk is asked for. */
    private static final class Entry {
        private Optional<SharedObject> object = Optional.empty();
        private final Queue<SharedWord> held = new ArrayDeque<>(0);
        private boolean dirty;
        private boolean saving;
        private int wait;
    }

    /** {@code keeps}: whether there is a disk for persistent objects. */
    SharedObjects(boolean keeps) {
        this.keeps = keeps;
    }

    /** {@code now}: seconds since 1970. */
    List<Effect> obey(SharedWord word, long now) {
        Entry entry = entries.get(word.object());
        if (entry == null) {
            return word.events().contains(SharedEvent.USE) ? create(word, now) : refuse(word);
        }
        if (entry.object.isPresent()) {
            return pass(word.object(), entry, word);
        }
        if (entry.held.size() >= MAX_HELD) {
            return refuse(word);
        }
        entry.held.add(word);
        return List.of();
    }

    private List<Effect> create(SharedWord word, long now) {
        SharedName name = word.object();
        Budget budget = budgetOf(name);
        if (!budget.allows(1, SharedObject.COST) || word.persistent() && !keeps) {
            forgetBudget(name);
            return refuse(word);
        }
        budget.take(1, SharedObject.COST);
        Entry entry = new Entry();
        entries.put(name, entry);
        if (word.persistent()) {
            entry.held.add(word);
            return List.of(new Effect.Load(name));
        }
        entry.object = Optional.of(new SharedObject(name, false, new Slots(now), budget));
        return pass(name, entry, word);
    }

    private Budget budgetOf(SharedName name) {
        return budgets.computeIfAbsent(
                name.app(), app -> budget.within(MAX_OBJECTS_OF_AN_APPLICATION, MAX_BYTES_OF_AN_APPLICATION));
    }

    private void forgetBudget(SharedName name) {
        if (budgetOf(name).isUntouched()) {
            budgets.remove(name.app());
        }
    }

    private List<Effect> pass(SharedName name, Entry entry, SharedWord word) {
        SharedObject object = entry.object.orElseThrow();
        List<Effect> effects = new ArrayList<>(object.obey(word));
        entry.dirty |= object.takeChanged() && object.isPersistent();
        if (object.isUnused()) {
            leave(name, entry, effects);
        }
        return effects;
    }

    /** Nobody uses it: what has changed is written first. */
    private void leave(SharedName name, Entry entry, List<Effect> effects) {
        if (entry.dirty && !entry.saving && entry.wait == 0) {
            effects.add(save(name, entry));
        } else if (!entry.dirty && !entry.saving) {
            entry.object.orElseThrow().close();
            entries.remove(name);
            forgetBudget(name);
        }
    }

    private static Effect save(SharedName name, Entry entry) {
        entry.dirty = false;
        entry.saving = true;
        Slots slots = entry.object.orElseThrow().slots();
        return slots.count() == 0 ? new Effect.Erase(name) : new Effect.Save(name, slots.image());
    }

    private static List<Effect> refuse(SharedWord word) {
        Telling own = new Telling();
        for (SharedEvent event : word.events()) {
            if (event instanceof SharedEvent.Use) {
                own.add(SharedEvent.Status.error(SharedEvent.Status.CREATION_FAILED));
            } else {
                SharedObject.refuse(event, own);
            }
        }
        if (own.events().isEmpty()) {
            return List.of();
        }
        SharedNews news =
                new SharedNews(word.object(), word.persistent(), word.version(), word.user(), false, own.events());
        return List.of(new Effect.Tell(SharedObject.instanceOf(word.user()), news));
    }

    // -- the disk

    /** What the disk has, or that it has nothing. */
    List<Effect> loaded(SharedName name, Optional<Slots.Image> image, long now) {
        Entry entry = entries.get(name);
        Slots slots = image.map(Slots::new).orElseGet(() -> new Slots(now));
        if (!budgetOf(name).allows(0, slots.bytes())) {
            return notLoaded(name);
        }
        budgetOf(name).take(0, slots.bytes());
        entry.object = Optional.of(new SharedObject(name, true, slots, budgetOf(name)));
        List<Effect> effects = new ArrayList<>();
        List<SharedWord> words = List.copyOf(entry.held);
        entry.held.clear();
        words.forEach(word -> effects.addAll(obey(word, now)));
        return effects;
    }

    /** The disk could not say. */
    List<Effect> notLoaded(SharedName name) {
        Entry entry = entries.remove(name);
        budgetOf(name).take(-1, -SharedObject.COST);
        forgetBudget(name);
        List<Effect> effects = new ArrayList<>();
        entry.held.forEach(word -> effects.addAll(refuse(word)));
        return effects;
    }

    /** Whether what was to be written or deleted was. */
    List<Effect> saved(SharedName name, boolean done) {
        Entry entry = entries.get(name);
        if (entry == null) {
            return List.of(); // at the end an object may be written twice in a row
        }
        entry.saving = false;
        entry.dirty |= !done;
        entry.wait = done ? 0 : RETRY_TICKS;
        List<Effect> effects = new ArrayList<>();
        if (entry.object.orElseThrow().isUnused()) {
            leave(name, entry, effects);
        }
        return effects;
    }

    /** To be called about once a second: what has changed since is written. */
    List<Effect> tick() {
        List<Effect> effects = new ArrayList<>();
        entries.forEach((name, entry) -> {
            entry.wait = Math.max(0, entry.wait - 1);
            if (entry.dirty && !entry.saving && entry.wait == 0) {
                effects.add(save(name, entry));
            }
        });
        return effects;
    }

    /** The end: what has changed is written now, whatever happened before. */
    List<Effect> finish() {
        List<Effect> effects = new ArrayList<>();
        entries.forEach((name, entry) -> {
            if (entry.dirty) {
                effects.add(save(name, entry));
            }
        });
        return effects;
    }

    // -- for people

    /** The objects of an application that are in use. */
    JsonArray list(String app) {
        JsonArray list = new JsonArray();
        entries.forEach((name, entry) -> {
            if (name.app().equals(app)) {
                entry.object.ifPresent(object -> list.add(new JsonObject()
                        .put("name", name.name())
                        .put("persistent", object.isPersistent())
                        .put("version", object.slots().version())
                        .put("slots", object.slots().count())
                        .put("bytes", object.slots().bytes())
                        .put("users", object.countUsers())));
            }
        });
        return list;
    }

    /** Whether nothing is left in memory. */
    boolean isEmpty() {
        return entries.isEmpty() && budgets.isEmpty();
    }
}
