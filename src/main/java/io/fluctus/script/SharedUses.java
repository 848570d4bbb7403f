package io.fluctus.script;

import io.fluctus.bus.SharedNews;
import io.fluctus.bus.SharedWord;
import io.fluctus.media.SharedEvent;
import io.fluctus.media.SharedName;
import io.fluctus.script.Thing.Arguments;
import io.fluctus.script.Thing.Given;
import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The shared objects that the applications of a tree use, which is one user of each. On the tree's thread only. */
final class SharedUses implements SharedUse.Voice {
    /** Objects of a tree. */
    static final int MAX_OBJECTS = 256;

    private final AppApi api;
    private final Map<SharedName, SharedUse> uses = new HashMap<>();
    private Language language; // there from the start, but for the first moment

    SharedUses(AppApi api) {
        this.api = api;
    }

    void speak(Language spoken) {
        language = spoken;
    }

    /** The object of this name in the application at {@code path}; the same one every time. */
    Thing use(String path, String name, boolean persistent) {
        SharedName object = new SharedName(application(path), name);
        SharedUse known = uses.get(object);
        if (known != null) {
            return known.thing();
        }
        if (uses.size() >= MAX_OBJECTS) {
            throw new ProtocolException("more than " + MAX_OBJECTS + " shared objects");
        }
        SharedUse use = new SharedUse(object, persistent, this);
        uses.put(object, use);
        api.later(() -> language.keep(use.thing()));
        say(use, SharedEvent.USE);
        return use.thing();
    }

    private String application(String path) {
        String application = path.startsWith("/") ? path.substring(1) : path;
        if (!api.owns(application)) {
            throw new ProtocolException("there is no application of this folder at " + path);
        }
        return application;
    }

    /** Which objects of the application at the first text are in use, by whomever. */
    Given list(Arguments given) {
        if (!given.canWait()) {
            throw new ProtocolException("sharedObjects cannot wait for its answer here");
        }
        return new Given.Later(api.sharedObjects(application(given.text(0))));
    }

    void hear(SharedNews news) {
        SharedUse use = uses.get(news.object());
        if (use != null) {
            use.hear(news);
        }
    }

    /** After news were lost: everything is told again. */
    void beginAnew() {
        uses.values().forEach(use -> say(use, SharedEvent.USE));
    }

    @Override
    public void say(SharedUse use, SharedEvent event) {
        api.share(new SharedWord(api.user(), use.name(), use.isPersistent(), 0, List.of(event)));
    }

    @Override
    public void call(SharedUse use, String function, List<AmfValue> arguments) {
        language.member(use.thing(), function, Given.all(arguments), ended -> {});
    }

    void close() {
        uses.values().forEach(use -> say(use, SharedEvent.RELEASE));
        uses.clear();
    }
}
