package io.fluctus.client;

import io.fluctus.bus.Bus;
import io.fluctus.bus.Bus.Registration;
import io.fluctus.bus.SharedNews;
import io.fluctus.bus.SharedWord;
import io.fluctus.media.SharedEvent;
import io.fluctus.media.SharedName;
import io.fluctus.netconnection.Message;
import io.fluctus.netconnection.SharedObjectMessage;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Who uses which shared object at one verticle instance: what is told to many of them is encoded once. */
public final class SharedSeats {
    /** A client that uses shared objects. */
    interface User {
        /** 0 or 3. */
        int objectEncoding();

        /** Whether it has not given the object up in the meantime. */
        boolean uses(SharedName object);

        /** Its own {@code news}, as {@code message}. */
        void told(SharedNews news, Message.SharedObject message);

        /** What happened to an object that it uses. */
        void told(Message.SharedObject message);
    }

    private final Bus bus;
    private final Map<String, User> users = new HashMap<>(); // by client id
    private final Map<SharedName, Map<String, User>> seats = new HashMap<>();
    private final Registration registration;

    /** {@code instance} is the name of the verticle instance, with which its clients' ids begin. */
    public SharedSeats(Bus bus, String instance) {
        this.bus = bus;
        registration = bus.onSharedNews(instance, this::hear);
    }

    public Future<Void> close() {
        return registration.close();
    }

    /** To the owner of the object; completes when it has taken the word. */
    Future<Void> share(SharedWord word) {
        return bus.share(word);
    }

    void enter(String client, User user) {
        users.put(client, user);
    }

    void leave(String client) {
        users.remove(client);
    }

    void release(SharedName object, String client) {
        seats.computeIfPresent(object, (name, there) -> {
            there.remove(client);
            return there.isEmpty() ? null : there;
        });
    }

    private void hear(SharedNews news) {
        if (news.others()) {
            tellOthers(news);
            return;
        }
        User user = users.get(news.user());
        if (user != null && user.uses(news.object())) {
            if (news.events().contains(SharedEvent.USE_SUCCESS)) {
                seats.computeIfAbsent(news.object(), first -> new LinkedHashMap<>())
                        .put(news.user(), user);
            }
            user.told(news, encoded(news, user.objectEncoding()));
        }
    }

    private void tellOthers(SharedNews news) {
        Map<Boolean, Message.SharedObject> forms = new HashMap<>(2); // whether in AMF3
        List.copyOf(seats.getOrDefault(news.object(), Map.of()).entrySet()).forEach(seat -> {
            if (!seat.getKey().equals(news.user())) {
                int encoding = seat.getValue().objectEncoding();
                seat.getValue().told(forms.computeIfAbsent(encoding != 0, amf3 -> encoded(news, encoding)));
            }
        });
    }

    private static Message.SharedObject encoded(SharedNews news, int encoding) {
        return new SharedObjectMessage(news.object().name(), news.version(), news.persistent(), news.events())
                .encode(encoding);
    }

    /** Whether nobody is here any more. */
    boolean isEmpty() {
        return users.isEmpty() && seats.isEmpty();
    }
}
