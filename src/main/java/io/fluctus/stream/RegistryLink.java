package io.fluctus.stream;

import io.fluctus.bus.Address;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Bus.Registration;
import io.fluctus.bus.Refusal;
import io.fluctus.media.StreamName;
import io.fluctus.stream.Directory.Remote;
import io.fluctus.stream.StreamRegistry.Claim;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A registry's talk with those of the other nodes. Every node tells all what it publishes, again and again; who wants a stream asks
 * every node first, its present owner last, and each says yes to the higher fence only. So of nodes that see each other one owns a
 * stream, and after a partition the higher fence wins everywhere.
 */
final class RegistryLink {
    private static final Logger LOG = LoggerFactory.getLogger("cluster");
    private static final long NANOS_PER_MILLI = 1_000_000;

    /** A word that nothing has changed; three of them fit into a lease. */
    static final long RENEW_MILLIS = 2_000;

    private static final long SWEEP_MILLIS = 250;

    /** A node that does not answer within this time is as good as gone: the fence decides when it comes back. */
    private static final long CLAIM_MILLIS = 1_000;

    private static final long LEARN_MILLIS = 3_000;

    /** A newcomer waits for what the others have, so long at most. */
    private static final long ACQUAINT_MILLIS = 3_000;

    /** A cluster that does not take a registration within this time is of no use to a node that starts. */
    private static final long REGISTER_SECONDS = 30;

    /** Fences that came to our knowledge too late make a claim begin again. */
    private static final int ATTEMPTS = 3;

    /** Words to a newcomer, and registrations anew, are not more frequent than this. */
    private static final long GREET_MILLIS = 200;

    /** A loop that is so late has been stopped, or was busy: others spoke meanwhile and were not heard. */
    private static final long ASLEEP_MILLIS = 1_000;

    private static final int BAD_REQUEST = 400;

    /** Who is told what the other nodes' words mean for this one. */
    interface Listener {
        /** Who owns the stream may have changed. */
        void touched(StreamName stream);

        /** The stream was ours, and is {@code node}'s now. */
        void lost(Claim claim, String node);
    }

    private final Vertx vertx;
    private final Bus bus;
    private final StreamRegistry registry;
    private final JsonObject about;
    private final Listener listener;
    private final Directory directory = new Directory();
    private final Map<StreamName, Long> pending = new HashMap<>();
    private final Set<StreamName> changed = new LinkedHashSet<>();
    private final Set<String> learning = new HashSet<>();
    private Registration nodes;
    private Registration service;
    private long version;
    private long heardOwnAt;
    private long completeAt;
    private long greetedAt;
    private long sweptAt = now();
    private boolean closed;

    /** {@code about} is what this node says of itself: {@code address} and {@code relays} are read here, more is for people. */
    RegistryLink(Vertx vertx, Bus bus, StreamRegistry registry, JsonObject about, Listener listener) {
        this.vertx = vertx;
        this.bus = bus;
        this.registry = registry;
        this.about = about;
        this.listener = listener;
    }

    /** Completes when this node is known to the others and knows what they publish, as far as they answer. */
    Future<?> start() {
        vertx.setPeriodic(SWEEP_MILLIS, timer -> sweep());
        vertx.setPeriodic(RENEW_MILLIS, timer -> renew());
        heardOwnAt = now();
        completeAt = now();
        return register().timeout(REGISTER_SECONDS, TimeUnit.SECONDS).compose(done -> {
            say(word());
            return acquaint(now() + ACQUAINT_MILLIS);
        });
    }

    /** Tells the others that nothing of this node is there any more. */
    Future<?> close() {
        closed = true;
        say(word().put("ends", true));
        return Future.all(nodes.close(), service.close());
    }

    private Future<?> register() {
        nodes = bus.listen(Address.NODES, this::hear);
        service = bus.serveFar(Address.registry(bus.node()), this::answer);
        return Future.all(nodes.ready(), service.ready());
    }

    /** Bus registrations may be lost while a cluster falls apart and grows together: what is not heard is registered again. */
    private void registerAgain() {
        LOG.warn(
                "registers at the bus again: {} of {} other nodes are heard",
                directory.nodes().size(),
                others());
        heardOwnAt = now();
        completeAt = now();
        Future.all(nodes.close(), service.close()).onComplete(done -> {
            if (!closed) {
                register().onSuccess(ready -> say(word()));
            }
        });
    }

    private Future<?> acquaint(long deadline) {
        boolean complete = directory.nodes().size() >= others() && learning.isEmpty();
        if (complete || now() > deadline) {
            return Future.succeededFuture();
        }
        return vertx.timer(GREET_MILLIS / 10).compose(fired -> acquaint(deadline));
    }

    private int others() {
        return bus.members() - 1;
    }

    // -- what this node says

    /** The stream's claim, ours, is another one now; told at the end of this turn of the loop. */
    void changed(StreamName stream) {
        if (changed.isEmpty()) {
            vertx.runOnContext(v -> tellChanges());
        }
        changed.add(stream);
    }

    private void tellChanges() {
        JsonArray claims = new JsonArray();
        JsonArray gone = new JsonArray();
        for (StreamName stream : changed) {
            registry.claimOf(stream).ifPresentOrElse(claim -> claims.add(told(claim)), () -> gone.add(stream.path()));
        }
        changed.clear();
        long from = version++;
        say(word().put("from", from).put("changed", claims).put("gone", gone));
    }

    /** What this node says of itself has changed. */
    void describe() {
        say(word());
    }

    private JsonObject word() {
        return new JsonObject().put("node", bus.node()).put("version", version).put("about", about);
    }

    private void say(JsonObject word) {
        bus.publish(Address.NODES, word);
    }

    private void renew() {
        if (!closed) {
            say(word());
        }
    }

    private JsonObject told(Claim claim) {
        return new JsonObject()
                .put("stream", claim.stream().path())
                .put("fence", claim.fence())
                .put("live", claim.heldUntil().isEmpty())
                .put("credential", claim.publisher().credential())
                .put("listed", claim.listed(bus.node()));
    }

    // -- what the others say

    private void hear(JsonObject word) {
        String node = word.getString("node");
        if (node.equals(bus.node())) {
            heardOwnAt = now();
            return;
        }
        if (word.getBoolean("ends", false)) {
            LOG.info("node {} leaves", node);
            directory.forget(node).forEach(this::resolve);
            return;
        }
        Directory.Heard heard = directory.hear(word, now());
        if (heard.newcomer()) {
            LOG.info("node {} is there: {}", node, word.getJsonObject("about").getString("address"));
            greet();
        }
        if (heard.behind() && learning.add(node)) {
            learn(node);
        }
        heard.touched().forEach(this::resolve);
    }

    private void greet() {
        if (now() - greetedAt > GREET_MILLIS) {
            greetedAt = now();
            say(word());
        }
    }

    private void learn(String node) {
        bus.requestFar(Address.registry(node), new JsonObject().put("op", "claims"), LEARN_MILLIS)
                .onComplete(done -> learning.remove(node))
                .onSuccess(all -> directory.learn(node, all, now()).forEach(this::resolve));
    }

    private void sweep() {
        long asleep = now() - sweptAt - SWEEP_MILLIS;
        sweptAt = now();
        if (asleep > ASLEEP_MILLIS) {
            LOG.warn("stood still for {} ms", asleep);
            directory.excuse(asleep);
            heardOwnAt += asleep;
            completeAt += asleep;
        }
        List<String> before = directory.nodes();
        Set<StreamName> over = directory.expire(now());
        before.stream()
                .filter(node -> directory.about(node).isEmpty())
                .forEach(node -> LOG.warn("node {} is silent: its streams are not live any more", node));
        over.forEach(this::resolve);
        if (directory.nodes().size() >= others()) {
            completeAt = now();
        }
        long since = Math.min(heardOwnAt, completeAt);
        if (now() - since > Directory.LEASE_MILLIS && !closed) {
            registerAgain();
        }
    }

    /** Of two owners, one has to go. */
    private void resolve(StreamName stream) {
        Optional<Remote> theirs = directory.find(stream);
        theirs.ifPresent(remote -> registry.observe(remote.fence()));
        Optional<Claim> ours = registry.claimOf(stream);
        if (ours.isPresent()
                && theirs.isPresent()
                && theirs.get().beats(ours.get().fence(), bus.node())) {
            lose(ours.get(), theirs.get().node());
        }
        if (registry.claimOf(stream).isEmpty()) {
            listener.touched(stream);
        }
    }

    private void lose(Claim claim, String node) {
        registry.yield(claim.stream());
        changed(claim.stream());
        listener.lost(claim, node);
    }

    // -- claims

    /** A fence for the stream that every node that answers has agreed to; fails with {@link Refusal}. */
    Future<Long> propose(StreamName stream, String credential) {
        return propose(stream, credential, ATTEMPTS);
    }

    private Future<Long> propose(StreamName stream, String credential, int attempts) {
        Optional<Remote> owner = directory.find(stream);
        boolean taken = owner.isPresent()
                && owner.get().live()
                && !registry.mayReplace(owner.get().credential(), credential);
        if (taken || pending.containsKey(stream)) {
            return Future.failedFuture(StreamRegistry.taken(stream));
        }
        owner.ifPresent(remote -> registry.observe(remote.fence()));
        long fence = registry.nextFence();
        pending.put(stream, fence);
        JsonObject question = new JsonObject()
                .put("op", "claim")
                .put("node", bus.node())
                .put("stream", stream.path())
                .put("fence", fence)
                .put("credential", credential);
        List<String> others = new ArrayList<>(directory.nodes());
        owner.map(Remote::node).ifPresent(others::remove);
        return ask(others, question)
                .compose(said ->
                        said.granted() ? ask(owner.map(Remote::node).stream().toList(), question) : done(said))
                .compose(said -> {
                    boolean stands = pending.remove(stream, fence);
                    if (said.granted() && stands) {
                        return Future.succeededFuture(fence);
                    }
                    registry.observe(said.fence());
                    return said.again() && stands && attempts > 1
                            ? propose(stream, credential, attempts - 1)
                            : Future.failedFuture(StreamRegistry.taken(stream));
                });
    }

    /** The others' answer to a claim; {@code again}: refused for its fence alone, {@code fence} is the one to be above. */
    private record Verdict(boolean granted, boolean again, long fence) {}

    private static Future<Verdict> done(Verdict verdict) {
        return Future.succeededFuture(verdict);
    }

    private Future<Verdict> ask(List<String> asked, JsonObject question) {
        List<Future<JsonObject>> answers = asked.stream()
                .map(node -> bus.requestFar(Address.registry(node), question, CLAIM_MILLIS)
                        .otherwise(silent -> new JsonObject().put("granted", true)))
                .toList();
        return Future.join(answers).map(all -> {
            Verdict verdict = new Verdict(true, true, 0);
            for (Future<JsonObject> answer : answers) {
                JsonObject said = answer.result();
                if (!said.getBoolean("granted")) {
                    boolean again = verdict.again && said.getBoolean("again", false);
                    verdict = new Verdict(false, again, Math.max(verdict.fence, said.getLong("fence", 0L)));
                }
            }
            return verdict;
        });
    }

    private Future<JsonObject> answer(JsonObject question) {
        return switch (question.getString("op")) {
            case "claims" -> Future.succeededFuture(claims());
            case "claim" -> Future.succeededFuture(judge(question));
            case "kick" -> bus.request(Address.client(question.getString("client")), question);
            default -> Future.failedFuture(new Refusal(BAD_REQUEST, "no such word between registries"));
        };
    }

    private JsonObject claims() {
        JsonArray claims = new JsonArray();
        registry.claims().forEach(claim -> claims.add(told(claim)));
        return new JsonObject().put("version", version).put("claims", claims);
    }

    /** Another node wants a stream: no, or we have it no longer. */
    private JsonObject judge(JsonObject question) {
        StreamName stream = StreamName.parse(question.getString("stream"));
        long fence = question.getLong("fence");
        registry.observe(fence);
        Long rival = pending.get(stream);
        if (rival != null && rival > fence) {
            return no(false, rival);
        }
        Optional<Claim> own = registry.claimOf(stream);
        if (own.isPresent()) {
            Claim claim = own.get();
            boolean live = claim.heldUntil().isEmpty();
            if (live && !registry.mayReplace(claim.publisher().credential(), question.getString("credential"))) {
                return no(false, claim.fence());
            }
            if (claim.fence() >= fence) {
                return no(true, claim.fence());
            }
            lose(claim, question.getString("node"));
        }
        pending.remove(stream); // ours, if there is one, has lost
        return new JsonObject().put("granted", true);
    }

    private static JsonObject no(boolean again, long fence) {
        return new JsonObject().put("granted", false).put("again", again).put("fence", fence);
    }

    // -- what is known

    Directory directory() {
        return directory;
    }

    private static long now() {
        return System.nanoTime() / NANOS_PER_MILLI;
    }
}
