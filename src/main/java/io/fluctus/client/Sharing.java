package io.fluctus.client;

import io.fluctus.bus.ApplicationLink;
import io.fluctus.bus.SharedNews;
import io.fluctus.bus.SharedWord;
import io.fluctus.media.SharedEvent;
import io.fluctus.media.SharedEvent.Status;
import io.fluctus.media.SharedName;
import io.fluctus.netconnection.Message;
import io.fluctus.netconnection.SharedObjectMessage;
import io.fluctus.wire.ProtocolException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The shared objects that a client uses. */
final class Sharing implements SharedSeats.User {
    /** Shared objects of one client. */
    static final int MAX_OBJECTS = 64;

    /** What an application answers that lets a client use an object, but not change it. */
    private static final String READ = "read";

    /** Messages about an object that wait while the application decides. */
    static final int MAX_HELD = 64;

    /** Messages that the owner has not taken at which the client is no longer read, */
    static final int UNTAKEN = 128;

    /** and at which it is cut off, where it cannot be made to wait. */
    static final int MAX_UNTAKEN = 4_096;

    private final SharedSeats seats;
    private final Line line;
    private final ApplicationLink application;
    private final String client;
    private final Runnable changed;
    private final Map<SharedName, Use> uses = new HashMap<>(2);
    private int untaken;

    /** An object that the client uses; while its application is asked, what it says is held. */
    private static final class Use {
        private Optional<List<SharedWord>> held = Optional.empty();
        private boolean readOnly;
    }

    /** {@code changed} runs whenever {@link #tooMany} may have changed. */
    Sharing(SharedSeats seats, Line line, ApplicationLink application, String client, Runnable changed) {
        this.seats = seats;
        this.line = line;
        this.application = application;
        this.client = client;
        this.changed = changed;
    }

    boolean tooMany() {
        return untaken >= UNTAKEN;
    }

    // -- what the client says

    void received(SharedObjectMessage message, String app) {
        SharedName name;
        try {
            name = new SharedName(app, message.name());
        } catch (ProtocolException unfit) {
            refuse(message, Status.CREATION_FAILED);
            return;
        }
        SharedWord word = new SharedWord(client, name, message.persistent(), message.version(), message.events());
        Use use = uses.get(name);
        if (use == null) {
            begin(word, message);
        } else if (use.held.isPresent()) {
            hold(use.held.get(), word);
        } else {
            pass(use, word);
        }
    }

    private void begin(SharedWord word, SharedObjectMessage message) {
        if (!word.events().contains(SharedEvent.USE)) {
            refuse(message, Status.NO_WRITE_ACCESS);
        } else if (uses.size() >= MAX_OBJECTS || word.persistent() && !application.present()) {
            refuse(message, Status.CREATION_FAILED); // strangers do not fill the disk: an application must be there
        } else {
            if (uses.isEmpty()) {
                seats.enter(client, this);
            }
            Use use = new Use();
            uses.put(word.object(), use);
            line.answers().hold();
            if (application.present()) {
                ask(use, word);
            } else {
                pass(use, word);
            }
        }
    }

    private void ask(Use use, SharedWord word) {
        use.held = Optional.of(new ArrayList<>(List.of(word)));
        application
                .share(word.object(), word.persistent())
                .onSuccess(allowed -> {
                    if (uses.get(word.object()) == use) {
                        use.readOnly = allowed.string().filter(READ::equals).isPresent();
                        List<SharedWord> held = use.held.orElseThrow();
                        use.held = Optional.empty();
                        held.forEach(waiting -> pass(use, waiting));
                    }
                })
                .onFailure(refusal -> {
                    if (uses.remove(word.object(), use)) {
                        leaveIfIdle();
                        say(refusalOf(word, Status.NO_READ_ACCESS));
                    }
                });
    }

    private static void hold(List<SharedWord> held, SharedWord word) {
        if (held.size() >= MAX_HELD) {
            throw new ProtocolException("more than " + MAX_HELD + " messages about a shared object that is asked for");
        }
        held.add(word);
    }

    /** Of one who may only read, that alone is passed on. */
    private void pass(Use use, SharedWord word) {
        List<SharedEvent> allowed = word.events().stream()
                .filter(event ->
                        !use.readOnly || event instanceof SharedEvent.Use || event instanceof SharedEvent.Release)
                .toList();
        if (!allowed.isEmpty()) {
            pass(new SharedWord(client, word.object(), word.persistent(), word.version(), allowed));
        }
        if (allowed.size() < word.events().size()) {
            say(refusalOf(word, Status.NO_WRITE_ACCESS));
        }
    }

    private void pass(SharedWord word) {
        if (untaken >= MAX_UNTAKEN) {
            throw new ProtocolException("says more about shared objects than can be taken");
        }
        forget(word);
        untaken++;
        changed.run();
        seats.share(word)
                .onComplete(taken -> {
                    untaken--;
                    changed.run();
                })
                .onFailure(nobody -> {
                    uses.remove(word.object());
                    leaveIfIdle();
                    say(refusalOf(word, Status.CREATION_FAILED));
                });
    }

    /** One who gives an object up is told nothing more. */
    private void forget(SharedWord word) {
        int release = word.events().lastIndexOf(SharedEvent.RELEASE);
        if (release >= 0 && release > word.events().lastIndexOf(SharedEvent.USE)) {
            uses.remove(word.object());
            seats.release(word.object(), client);
            leaveIfIdle();
        }
    }

    private void leaveIfIdle() {
        if (uses.isEmpty()) {
            seats.leave(client);
        }
    }

    /** The client is gone: its objects are told so. */
    void leaveAll() {
        List.copyOf(uses.entrySet()).forEach(entry -> {
            SharedName object = entry.getKey();
            uses.remove(object);
            seats.release(object, client);
            if (entry.getValue().held.isEmpty()) {
                seats.share(new SharedWord(client, object, false, 0, List.of(SharedEvent.RELEASE)));
            }
        });
        seats.leave(client);
    }

    // -- what the client is told

    @Override
    public int objectEncoding() {
        return line.answers().dialogue().objectEncoding();
    }

    @Override
    public boolean uses(SharedName object) {
        return uses.containsKey(object);
    }

    @Override
    public void told(SharedNews news, Message.SharedObject message) {
        boolean refused = news.events().stream().anyMatch(Sharing::endsUse);
        if (refused && !news.events().contains(SharedEvent.USE_SUCCESS)) {
            uses.remove(news.object());
            leaveIfIdle();
        }
        told(message);
    }

    private static boolean endsUse(SharedEvent event) {
        return event instanceof Status status
                && (status.code().equals(Status.CREATION_FAILED)
                        || status.code().equals(Status.BAD_PERSISTENCE));
    }

    @Override
    public void told(Message.SharedObject message) {
        line.speak(() -> {
            line.answers().dialogue().share(message);
            return List.of();
        });
    }

    private void refuse(SharedObjectMessage message, String code) {
        if (message.events().stream().anyMatch(event -> !(event instanceof SharedEvent.Release))) {
            line.answers()
                    .dialogue()
                    .share(new SharedObjectMessage(
                                    message.name(),
                                    message.version(),
                                    message.persistent(),
                                    List.of(Status.error(code)))
                            .encode(objectEncoding()));
        }
    }

    private SharedObjectMessage refusalOf(SharedWord word, String code) {
        return new SharedObjectMessage(
                word.object().name(), word.version(), word.persistent(), List.of(Status.error(code)));
    }

    private void say(SharedObjectMessage message) {
        told(message.encode(objectEncoding()));
    }
}
