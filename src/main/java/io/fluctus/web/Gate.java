package io.fluctus.web;

import io.fluctus.bus.AccessLink;
import io.fluctus.bus.Bus;
import io.fluctus.bus.Refusal;
import io.fluctus.bus.Shown;
import io.fluctus.bus.Verdict;
import io.fluctus.config.Config;
import io.fluctus.media.StreamName;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;

/** Asks access who may act and who may read over HTTP: reading is open unless that is private, acting needs a role. */
final class Gate {
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;

    private final Bus bus;
    private final boolean isPrivate;
    private final boolean byAddress;
    private final boolean playRules;
    private long lastAsked;

    Gate(Bus bus, Config config) {
        this.bus = bus;
        this.isPrivate = config.web().isPrivate();
        this.byAddress =
                !config.access().allow().isEmpty() || !config.access().deny().isEmpty();
        boolean siteDecides =
                !config.hooks().url().isEmpty() && config.hooks().actions().contains("play");
        this.playRules = siteDecides
                || !config.access().playOpen()
                || !config.access().credentials().playKeys().isEmpty();
    }

    boolean isPrivate() {
        return isPrivate;
    }

    /** The client's line to access; {@code client} is its id on the bus, or empty for one that is asked about once. */
    AccessLink link(HttpServerRequest request, String client, String protocol) {
        String host = request.remoteAddress().hostAddress();
        boolean local = host.equals(request.localAddress().hostAddress());
        return new AccessLink(
                bus,
                new AccessLink.Who(
                        client, protocol, host, request.remoteAddress().toString(), local));
    }

    /**
     * Goes on for those with the role. A browser sends a password that it knows for every page, so requests of other sites' pages are
     * refused.
     */
    Handler<RoutingContext> needs(String role) {
        return context -> {
            if (!sameOrigin(context.request())) {
                Errors.send(context, FORBIDDEN, "origin", "this is for pages of this gateway");
                return;
            }
            goOn(context, ask(context.request(), role, ""));
        };
    }

    /** Goes on for whoever may read; players that set no header give {@code ?token=}. */
    void reading(RoutingContext context) {
        if (isPrivate || byAddress) {
            goOn(context, askToRead(context.request()));
        } else {
            context.next();
        }
    }

    Future<Boolean> mayRead(HttpServerRequest request) {
        return isPrivate || byAddress ? askToRead(request).map(true).otherwise(false) : Future.succeededFuture(true);
    }

    /** Whether one who shows this token may read. */
    Future<Boolean> mayRead(HttpServerRequest request, String token) {
        return link(request, "", "api")
                .shows(Shown.http("", "Bearer " + token))
                .api("viewer")
                .map(true)
                .otherwise(false);
    }

    /** Who asks, if it has any role. */
    Future<Verdict> who(HttpServerRequest request) {
        return ask(request, "viewer", "");
    }

    /** Goes on for those with any role, in the header or as {@code ?token=}. */
    void viewers(RoutingContext context) {
        goOn(context, ask(context.request(), "viewer", context.request().query()));
    }

    /** Whether somebody may be refused to play, beside what is private. */
    boolean playRules() {
        return playRules;
    }

    /**
     * Whether the request may play the stream: for files and playlists, whose viewers come and go with each request and are not
     * counted. Under another name than the one in the address they are not to be had.
     */
    Future<Void> mayPlay(HttpServerRequest request, StreamName stream, String protocol) {
        AccessLink link = link(
                        request,
                        "asked." + protocol + "/" + ++lastAsked + "@" + System.identityHashCode(this),
                        protocol)
                .shows(Shown.http("", request.getHeader("Authorization")));
        return link.play(stream, Optional.ofNullable(request.query()).orElse(""))
                .<Void>compose(verdict -> verdict.streamOr(stream).equals(stream)
                        ? Future.succeededFuture()
                        : Future.failedFuture(new Refusal(FORBIDDEN, "this stream is not to be had in this way")))
                .onComplete(done -> link.disconnected());
    }

    /** To act, the header alone counts, which no link can bring; to read, also what stands in the address. */
    private Future<Verdict> ask(HttpServerRequest request, String role, String query) {
        return link(request, "", "api")
                .shows(Shown.http(query, request.getHeader("Authorization")))
                .api(role);
    }

    private Future<Verdict> askToRead(HttpServerRequest request) {
        return ask(request, isPrivate ? "viewer" : "nobody", request.query());
    }

    /** A browser says where a page came from; a page of another site has no business here. */
    static boolean sameOrigin(HttpServerRequest request) {
        return Optional.ofNullable(request.getHeader("Origin"))
                .map(origin -> origin.replaceFirst("^https?://", "").equals(request.getHeader("Host")))
                .orElse(true);
    }

    private static void goOn(RoutingContext context, Future<Verdict> answer) {
        context.request().pause();
        answer.onSuccess(verdict -> {
                    context.request().resume();
                    context.next();
                })
                .onFailure(error -> refuse(context, error));
    }

    private static void refuse(RoutingContext context, Throwable error) {
        context.request().resume();
        int status = error instanceof Refusal refusal && refusal.code() >= UNAUTHORIZED ? refusal.code() : FORBIDDEN;
        if (status == UNAUTHORIZED) {
            context.response().putHeader("WWW-Authenticate", "Bearer");
        }
        String code = status == UNAUTHORIZED ? "token" : "refused";
        Errors.send(context, status, code, error.getMessage());
    }
}
