package io.fluctus.sharedobject;

import io.fluctus.bus.SharedNews;
import io.fluctus.bus.SharedWord;
import io.fluctus.media.SharedEvent;
import io.fluctus.media.SharedName;
import io.fluctus.wire.AmfValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One shared object with its users. The order in which words arrive decides: the last change of a slot holds, and all users are told
 * the same things in the same order.
 */
final class SharedObject {
    /** What an object costs beside its slots. */
    static final int COST = 512;

    /** Bytes of all Send Message events of one word, as {@link Weight} has them. */
    static final int MAX_SENT = 64 * 1024;

    /** Values of one Send Message event. */
    static final int MAX_ARGUMENTS = 64;

    /** Bytes of values told at a time: what is more comes in several messages. */
    static final int PART = 64 * 1024;

    private final SharedName name;
    private final boolean persistent;
    private final Slots slots;
    private final Budget budget;
    private final Map<String, Set<String>> users = new LinkedHashMap<>(); // by verticle instance
    private boolean changed;

    /** Its cost and that of its slots has been taken from {@code budget}. */
    SharedObject(SharedName name, boolean persistent, Slots slots, Budget budget) {
        this.name = name;
        this.persistent = persistent;
        this.slots = slots;
        this.budget = budget;
    }

    boolean isPersistent() {
        return persistent;
    }

    boolean isUnused() {
        return users.isEmpty();
    }

    /** Whether its slots have changed since this was asked last. */
    boolean takeChanged() {
        boolean was = changed;
        changed = false;
        return was;
    }

    Slots slots() {
        return slots;
    }

    int countUsers() {
        return users.values().stream().mapToInt(Set::size).sum();
    }

    /** Gives back what it costs. */
    void close() {
        budget.take(-1, -COST - slots.bytes());
    }

    List<Effect> obey(SharedWord word) {
        Word said = new Word(word);
        word.events().forEach(said::obey);
        if (said.changes) {
            slots.commit();
            changed = true;
        }
        List<Effect> effects = new ArrayList<>();
        String at = instanceOf(word.user());
        parts(said.own.events()).forEach(part -> effects.add(new Effect.Tell(at, news(word.user(), false, part))));
        parts(said.others.events())
                .forEach(part -> users.forEach((instance, there) -> {
                    boolean among = instance.equals(at) && there.contains(word.user());
                    if (!among || there.size() > 1) {
                        effects.add(new Effect.Tell(instance, news(among ? word.user() : "", true, part)));
                    }
                }));
        return effects;
    }

    private SharedNews news(String user, boolean others, List<SharedEvent> events) {
        return new SharedNews(name, persistent, slots.version(), user, others, events);
    }

    private static List<List<SharedEvent>> parts(List<SharedEvent> events) {
        List<List<SharedEvent>> parts = new ArrayList<>();
        int from = 0;
        long weight = 0;
        for (int i = 0; i < events.size(); i++) {
            long more = Slots.SLOT_COST
                    + (events.get(i) instanceof SharedEvent.Change change ? Weight.of(change.value()) : 0);
            if (weight > 0 && weight + more > PART) {
                parts.add(events.subList(from, i));
                from = i;
                weight = 0;
            }
            weight += more;
        }
        if (from < events.size()) {
            parts.add(events.subList(from, events.size()));
        }
        return parts;
    }

    static String instanceOf(String user) {
        int slash = user.indexOf('/');
        return slash < 0 ? user : user.substring(0, slash);
    }

    private boolean has(String user) {
        return users.getOrDefault(instanceOf(user), Set.of()).contains(user);
    }

    private void release(String user) {
        users.computeIfPresent(instanceOf(user), (instance, there) -> {
            there.remove(user);
            return there.isEmpty() ? null : there;
        });
    }

    /** One user's word while it is obeyed. */
    private final class Word {
        private final SharedWord word;
        private final Telling own = new Telling();
        private final Telling others = new Telling();
        private boolean changes;
        private long sent;

        private Word(SharedWord word) {
            this.word = word;
        }

        private void obey(SharedEvent event) {
            if (event instanceof SharedEvent.Use) {
                use();
            } else if (event instanceof SharedEvent.Release) {
                release(word.user());
            } else if (!has(word.user())) {
                refuse(event, own);
            } else if (event instanceof SharedEvent.RequestChange request) {
                change(request.slot(), request.value());
            } else if (event instanceof SharedEvent.RequestRemove request) {
                remove(request.slot());
            } else if (event instanceof SharedEvent.Clear) {
                clear();
            } else if (event instanceof SharedEvent.SendMessage message) {
                send(message);
            } // the rest is not for users to say
        }

        /** The second time, too: whoever asks again wants to begin anew. */
        private void use() {
            if (word.persistent() != persistent) {
                own.add(SharedEvent.Status.error(SharedEvent.Status.BAD_PERSISTENCE));
                return;
            }
            boolean isNew = users.computeIfAbsent(instanceOf(word.user()), first -> new LinkedHashSet<>())
                    .add(word.user());
            own.add(SharedEvent.USE_SUCCESS);
            if (persistent && isNew && slots.remembers(word.version())) {
                slots.after(word.version()).forEach(own::add);
            } else {
                own.add(SharedEvent.CLEAR);
                slots.all().forEach(own::add);
            }
        }

        private void change(String slot, AmfValue value) {
            if (value instanceof AmfValue.Null || value instanceof AmfValue.Undefined) {
                remove(slot);
                return;
            }
            long growth = slots.growth(slot, value);
            if (!slots.fits(slot, value) || growth > 0 && !budget.allows(0, growth)) {
                own.add(SharedEvent.Status.error(SharedEvent.Status.NO_WRITE_ACCESS));
                own.add(slots.told(slot)); // what holds instead
                return;
            }
            budget.take(0, growth);
            slots.set(slot, value);
            changes = true;
            SharedEvent told = new SharedEvent.Change(slot, value);
            own.add(new SharedEvent.Success(slot));
            if (own.mentions(slot)) {
                own.add(told); // what was said of the slot before would hold for this user otherwise
            }
            others.add(told);
        }

        /** All are told, the one who asked among them: Flash does not go on before it hears of what it asked. */
        private void remove(String slot) {
            long before = slots.bytes();
            own.add(new SharedEvent.Remove(slot));
            if (slots.remove(slot)) {
                budget.take(0, slots.bytes() - before);
                changes = true;
                others.add(new SharedEvent.Remove(slot));
            }
        }

        private void clear() {
            budget.take(0, -slots.bytes());
            slots.clear();
            changes = true;
            own.add(SharedEvent.CLEAR);
            others.add(SharedEvent.CLEAR);
        }

        /** RTMP 1.0 7.1.3: to all, the one who sends it among them. */
        private void send(SharedEvent.SendMessage message) {
            sent += Slots.SLOT_COST + Weight.of(message.handler()) + Weight.of(message.arguments());
            if (sent > MAX_SENT
                    || !Slots.isName(message.handler())
                    || message.arguments().size() > MAX_ARGUMENTS) {
                own.add(SharedEvent.Status.error(SharedEvent.Status.NO_WRITE_ACCESS));
                return;
            }
            own.add(message);
            others.add(message);
        }
    }

    /** The answer to one who does not use the object. */
    static void refuse(SharedEvent event, Telling own) {
        if (event instanceof SharedEvent.RequestChange
                || event instanceof SharedEvent.RequestRemove
                || event instanceof SharedEvent.SendMessage
                || event instanceof SharedEvent.Clear) {
            own.add(SharedEvent.Status.error(SharedEvent.Status.NO_WRITE_ACCESS));
        }
    }
}
