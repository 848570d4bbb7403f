package io.fluctus;

import io.fluctus.access.AccessVerticle;
import io.fluctus.bus.Bus;
import io.fluctus.config.Config;
import io.fluctus.config.ConfigException;
import io.fluctus.config.Nearest;
import io.fluctus.demo.DemoVerticle;
import io.fluctus.guard.Guard;
import io.fluctus.guard.Opening;
import io.fluctus.hls.HlsVerticle;
import io.fluctus.record.RecorderVerticle;
import io.fluctus.rtmfp.GroupVerticle;
import io.fluctus.rtmfp.MemberVerticle;
import io.fluctus.rtmfp.RtmfpVerticle;
import io.fluctus.rtmp.RtmpVerticle;
import io.fluctus.script.ScriptVerticle;
import io.fluctus.sharedobject.SharedObjectVerticle;
import io.fluctus.stream.RegistryVerticle;
import io.fluctus.stream.RelayVerticle;
import io.fluctus.web.WebVerticle;
import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;

/** The table of verticles, and how it is deployed. */
final class Verticles {
    private Verticles() {}

    /**
     * One row of the table.
     *
     * @param door where it listens, if it does
     * @param maker makes one instance, which tells the port it was given as soon as it listens
     */
    record Row(String name, int instances, Optional<Door> door, Function<IntConsumer, Deployable> maker) {
        Row withInstances(int other) {
            return new Row(name, other, door, maker);
        }
    }

    /** One instance of a verticle that runs; its door has the port that was given to it. */
    record Deployed(String name, String id, Optional<Door> door) {}

    /** Every verticle of the gateway, in the order of their start: who is asked comes before who asks. */
    static List<Row> table(Config config, int cores, Bus bus, Guard guard) {
        Door rtmp = new Door("rtmp", "rtmp", config.rtmp().host(), config.rtmp().port());
        Door web = new Door("web", "http", config.web().host(), config.web().port());
        Door rtmfp =
                new Door("rtmfp", "rtmfp", config.rtmfp().host(), config.rtmfp().port());
        RtmfpVerticle.Shared together = RtmfpVerticle.Shared.of(config.rtmfp(), guard);
        AccessVerticle.check(config); // here, so that a wrong rule stops the start
        List<Row> rows = new ArrayList<>(List.of(
                row("access", 1, instance -> new AccessVerticle(bus, config)),
                row("registry", 1, instance -> new RegistryVerticle(bus, config)),
                row(
                        "relay",
                        Config.instances(config.relay().instances(), cores),
                        instance -> new RelayVerticle(bus, config.stream(), instance)),
                row("shared", 1, instance -> new SharedObjectVerticle(bus, config.applications())),
                row("record", 1, instance -> new RecorderVerticle(bus, config.record())),
                row("hls", 1, instance -> new HlsVerticle(bus, config.hls())),
                row("script", 1, instance -> new ScriptVerticle(bus, config)),
                row(
                        rtmp,
                        config.rtmp().instances(),
                        cores,
                        (instance, listening) ->
                                new RtmpVerticle(bus, config, guard, new Opening(instance, false, listening))),
                row("group", 1, instance -> new GroupVerticle(bus)),
                row("member", 1, instance -> new MemberVerticle(bus, config, guard.shares(), together.port())),
                row(
                        rtmfp,
                        config.rtmfp().instances(),
                        cores,
                        (instance, listening) -> new RtmfpVerticle(bus, config, together, instance, listening)),
                row(
                        web,
                        config.web().instances(),
                        cores,
                        (instance, listening) ->
                                new WebVerticle(bus, config, guard, new Opening(instance, false, listening)))));
        rows.addAll(secured(config, cores, bus, guard));
        if (config.demo().enabled()) {
            rows.add(row("demo", 1, instance -> new DemoVerticle(bus)));
        }
        return List.copyOf(rows);
    }

    /** The doors with TLS: the same verticles again. */
    private static List<Row> secured(Config config, int cores, Bus bus, Guard guard) {
        List<Row> rows = new ArrayList<>();
        if (config.tls().rtmpsPort() >= 0) {
            rows.add(row(
                    new Door(
                            "rtmps", "rtmps", config.rtmp().host(), config.tls().rtmpsPort()),
                    config.rtmp().instances(),
                    cores,
                    (instance, listening) ->
                            new RtmpVerticle(bus, config, guard, new Opening(instance, true, listening))));
        }
        if (config.tls().httpsPort() >= 0) {
            rows.add(row(
                    new Door("https", "https", config.web().host(), config.tls().httpsPort()),
                    config.web().instances(),
                    cores,
                    (instance, listening) ->
                            new WebVerticle(bus, config, guard, new Opening(instance, true, listening))));
        }
        return rows;
    }

    /** A verticle without a door; {@code maker} is given the instance's number, from 0. */
    private static Row row(String name, int instances, IntFunction<Deployable> maker) {
        AtomicInteger next = new AtomicInteger();
        return new Row(name, instances, Optional.empty(), listening -> maker.apply(next.getAndIncrement()));
    }

    private static Row row(Door door, int instances, int cores, BiFunction<Integer, IntConsumer, Deployable> maker) {
        AtomicInteger next = new AtomicInteger();
        return new Row(
                door.section(),
                Config.instances(instances, cores),
                Optional.of(door),
                listening -> maker.apply(next.getAndIncrement(), listening));
    }

    /** What every verticle that is reached from outside stands on. */
    static final List<String> FOUNDATION = List.of("access", "registry", "relay");

    /** The rows of these names, and of those they stand on; no names: all rows. */
    static List<Row> only(List<String> names, List<Row> rows) {
        List<String> known = rows.stream().map(Row::name).toList();
        for (String name : names) {
            if (!known.contains(name)) {
                throw new ConfigException("unknown verticle `" + name + "`"
                        + (known.isEmpty() ? "" : ": did you mean `" + Nearest.of(name, known) + "`?"));
            }
        }
        return names.isEmpty()
                ? rows
                : rows.stream()
                        .filter(row -> names.contains(row.name()) || FOUNDATION.contains(row.name()))
                        .toList();
    }

    /** Deploys one row after the other, each instance by itself; fails with a {@link StartException}. */
    static Future<List<Deployed>> deploy(Vertx vertx, List<Row> rows) {
        Future<List<Deployed>> all = Future.succeededFuture(new ArrayList<>());
        for (Row row : rows) {
            all = all.compose(before -> deploy(vertx, row).map(deployed -> {
                before.addAll(deployed);
                return before;
            }));
        }
        return all;
    }

    private static Future<List<Deployed>> deploy(Vertx vertx, Row row) {
        List<Future<Deployed>> instances = new ArrayList<>();
        for (int i = 0; i < row.instances(); i++) {
            instances.add(deployOne(vertx, row));
        }
        return Future.join(instances)
                .<List<Deployed>>map(
                        all -> instances.stream().map(Future::result).toList())
                .recover(cause -> {
                    List<Deployed> started = instances.stream()
                            .filter(Future::succeeded)
                            .map(Future::result)
                            .toList();
                    return undeploy(vertx, started)
                            .compose(ended -> Future.failedFuture(new StartException(sentence(row, cause), cause)));
                });
    }

    private static Future<Deployed> deployOne(Vertx vertx, Row row) {
        AtomicInteger port = new AtomicInteger(row.door().map(Door::port).orElse(0));
        return vertx.deployVerticle(() -> row.maker().apply(port::set), new DeploymentOptions())
                .map(id -> new Deployed(row.name(), id, row.door().map(door -> door.on(port.get()))));
    }

    private static String sentence(Row row, Throwable cause) {
        String told = String.valueOf(cause.getMessage());
        if (row.door().isEmpty() || !(cause instanceof IOException)) {
            return row.name() + " did not start: " + told;
        }
        Door door = row.door().get();
        String why = told.contains("Address already in use")
                ? "the port is in use"
                : cause instanceof UnknownHostException ? "no such host" : told;
        return row.name() + " cannot listen on " + door.host() + ":" + door.port() + " (`" + door.section()
                + ".host`, `" + door.section() + ".port`): " + why;
    }

    /** Ends them in the reverse order of their start; the others are ended even if one cannot be. */
    static Future<Void> undeploy(Vertx vertx, List<Deployed> deployed) {
        Future<Void> all = Future.succeededFuture();
        for (int i = deployed.size() - 1; i >= 0; i--) {
            String id = deployed.get(i).id();
            all = all.compose(done -> vertx.undeploy(id).otherwiseEmpty());
        }
        return all;
    }
}
