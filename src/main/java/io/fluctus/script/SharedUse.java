package io.fluctus.script;

import io.fluctus.bus.SharedNews;
import io.fluctus.media.SharedEvent;
import io.fluctus.media.SharedName;
import io.fluctus.script.Thing.Arguments;
import io.fluctus.script.Thing.Given;
import io.fluctus.script.Thing.Kind;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A shared object as scripts see it: their copy of it, which knows at once what they themselves have set. */
final class SharedUse {
    static final Kind<SharedUse> KIND = new Kind<SharedUse>("sharedObject")
            .property("name", use -> Given.of(use.name.name()))
            .property("persistent", use -> Given.of(use.persistent))
            .property("ready", use -> Given.of(use.ready))
            .method("get", (use, given) -> new Given.Plain(use.get(given.text(0))))
            .method("slots", (use, given) -> new Given.Plain(AmfValue.Obj.of(use.slots())))
            .method("set", SharedUse::set)
            .method("remove", (use, given) -> use.request(given.text(0), AmfValue.NULL))
            .method("clear", (use, given) -> use.clear())
            .method("send", SharedUse::send);

    /** What scripts hear of changes, as Flash calls it. */
    static final String ON_SYNC = "onSync";

    /** Requests of scripts that the owner has not answered; above it, scripts are told. */
    static final int MAX_PENDING = 10_000;

    /** What is to be said of the object, or of the call that reached it. */
    interface Voice {
        /** To the owner. */
        void say(SharedUse use, SharedEvent event);

        /** To the function of this name that a script has put on the object. */
        void call(SharedUse use, String function, List<AmfValue> arguments);
    }

    private final SharedName name;
    private final boolean persistent;
    private final Voice voice;
    private final Thing thing;
    private final Map<String, AmfValue> copy = new LinkedHashMap<>(); // as the owner has told
    private final Map<String, Pending> pending = new LinkedHashMap<>(); // by slot
    private int waiting; // for the owner's answers
    private int clearing; // of them
    private boolean ready;

    /** What scripts have asked for a slot and heard nothing of yet. */
    private static final class Pending {
        private int requests;
        private AmfValue last = AmfValue.NULL;
    }

    SharedUse(SharedName name, boolean persistent, Voice voice) {
        this.name = name;
        this.persistent = persistent;
        this.voice = voice;
        this.thing = Thing.of(KIND, this);
    }

    SharedName name() {
        return name;
    }

    boolean isPersistent() {
        return persistent;
    }

    Thing thing() {
        return thing;
    }

    // -- what scripts do

    private AmfValue get(String slot) {
        Pending asked = pending.get(slot);
        if (asked != null) {
            return asked.last;
        }
        return clearing > 0 ? AmfValue.NULL : copy.getOrDefault(slot, AmfValue.NULL);
    }

    private Map<String, AmfValue> slots() {
        Map<String, AmfValue> slots = new LinkedHashMap<>(clearing > 0 ? Map.of() : copy);
        pending.forEach((slot, asked) -> slots.put(slot, asked.last));
        slots.values().removeIf(AmfValue.Null.class::isInstance);
        return slots;
    }

    private Given set(Arguments given) {
        return request(given.text(0), given.value(1));
    }

    private Given request(String slot, AmfValue value) {
        count();
        boolean removes = value instanceof AmfValue.Null || value instanceof AmfValue.Undefined;
        Pending asked = pending.computeIfAbsent(slot, first -> new Pending());
        asked.requests++;
        asked.last = removes ? AmfValue.NULL : value;
        voice.say(this, removes ? new SharedEvent.RequestRemove(slot) : new SharedEvent.RequestChange(slot, value));
        return Given.NOTHING;
    }

    private void count() {
        if (waiting >= MAX_PENDING) {
            throw new ProtocolException("too much is asked of the shared object " + name.name() + " at a time");
        }
        waiting++;
    }

    private Given clear() {
        count();
        clearing++;
        pending.values().forEach(asked -> asked.last = AmfValue.NULL);
        voice.say(this, SharedEvent.CLEAR);
        return Given.NOTHING;
    }

    private Given send(Arguments given) {
        count();
        voice.say(this, new SharedEvent.SendMessage(given.text(0), given.from(1)));
        return Given.NOTHING;
    }

    // -- what happens

    /** Takes what the owner tells; scripts hear what has changed. */
    void hear(SharedNews news) {
        boolean begins = news.events().contains(SharedEvent.USE_SUCCESS);
        if (!begins && !ready && news.others()) {
            return; // of an earlier use
        }
        boolean answers = !news.others() && !begins;
        if (begins) {
            pending.clear();
            waiting = 0;
            clearing = 0;
        } else if (answers) {
            waiting = Math.max(0, waiting - 1);
        }
        List<AmfValue> changes = new ArrayList<>();
        for (SharedEvent event : news.events()) {
            take(event, answers).ifPresent(changes::add);
        }
        if (begins || !changes.isEmpty()) {
            voice.call(this, ON_SYNC, List.of(AmfValue.Array.of(changes.toArray(AmfValue[]::new))));
        }
    }

    /** Gives back what {@link #ON_SYNC} hears of it. */
    private Optional<AmfValue> take(SharedEvent event, boolean answer) {
        if (event instanceof SharedEvent.Change change) {
            copy.put(change.slot(), change.value());
            settle(change.slot(), answer);
            return answer ? Optional.empty() : Optional.of(change("change", change.slot()));
        }
        if (event instanceof SharedEvent.Success success) {
            copy.put(success.slot(), get(success.slot()));
            settle(success.slot(), answer);
            return Optional.empty(); // a script knows what it has done, as with Flash's servers
        }
        if (event instanceof SharedEvent.Remove remove) {
            copy.remove(remove.slot());
            settle(remove.slot(), answer);
            return answer ? Optional.empty() : Optional.of(change("delete", remove.slot()));
        }
        if (event instanceof SharedEvent.Clear) {
            copy.clear();
            clearing -= answer && clearing > 0 ? 1 : 0;
            return answer ? Optional.empty() : Optional.of(AmfValue.Obj.of(Map.of("code", AmfValue.of("clear"))));
        }
        if (event instanceof SharedEvent.SendMessage message) {
            if (!message.handler().equals(ON_SYNC)) {
                voice.call(this, message.handler(), message.arguments());
            }
            return Optional.empty();
        }
        if (event instanceof SharedEvent.Status status) {
            return Optional.of(
                    AmfValue.Obj.of(Map.of("code", AmfValue.of("reject"), "reason", AmfValue.of(status.code()))));
        }
        ready |= event instanceof SharedEvent.UseSuccess;
        return Optional.empty();
    }

    private void settle(String slot, boolean answer) {
        Pending asked = pending.get(slot);
        if (answer && asked != null && --asked.requests == 0) {
            pending.remove(slot);
        }
    }

    private static AmfValue change(String code, String slot) {
        Map<String, AmfValue> members = new LinkedHashMap<>();
        members.put("code", AmfValue.of(code));
        members.put("name", AmfValue.of(slot));
        return AmfValue.Obj.of(members);
    }
}
