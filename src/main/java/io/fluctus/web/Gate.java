package io.fluctus.web;

import io.fluctus.config.Config;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Who may act and who may read: with the administrator's token everything, without it reading, unless that is private. */
final class Gate {
    private static final Pattern BEARER = Pattern.compile("(?i)Bearer ([^ ]{1,256})");
    private static final int UNAUTHORIZED = 401;

    private final String token;
    private final boolean isPrivate;

    Gate(Config.Web config) {
        this.token = config.adminToken();
        this.isPrivate = config.isPrivate();
    }

    boolean isPrivate() {
        return isPrivate;
    }

    /** Takes the same time for every wrong token; an empty one is nobody's. */
    boolean opens(String given) {
        return !token.isEmpty()
                && MessageDigest.isEqual(
                        given.getBytes(StandardCharsets.UTF_8), token.getBytes(StandardCharsets.UTF_8));
    }

    /** Goes on for the administrator alone: the token comes in a header, which no page of another site can send. */
    void actions(RoutingContext context) {
        goOn(context, administers(context));
    }

    /** Goes on for whoever may read; players that set no header give {@code ?token=}. */
    void reading(RoutingContext context) {
        goOn(context, mayRead(context));
    }

    boolean mayRead(RoutingContext context) {
        return !isPrivate
                || administers(context)
                || Optional.ofNullable(context.request().getParam("token"))
                        .filter(this::opens)
                        .isPresent();
    }

    private boolean administers(RoutingContext context) {
        return Optional.ofNullable(context.request().getHeader("Authorization"))
                .map(BEARER::matcher)
                .filter(Matcher::matches)
                .filter(bearer -> opens(bearer.group(1)))
                .isPresent();
    }

    private static void goOn(RoutingContext context, boolean allowed) {
        if (allowed) {
            context.next();
        } else {
            context.response().putHeader("WWW-Authenticate", "Bearer");
            Errors.send(context, UNAUTHORIZED, "token", "this needs the administrator's token");
        }
    }
}
