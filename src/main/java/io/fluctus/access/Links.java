package io.fluctus.access;

import io.fluctus.guard.Network;
import java.nio.charset.StandardCharsets;

/** Links that end: what may be done with which stream until when, perhaps from one address alone, signed with the gateway's key. */
final class Links implements Way {
    private static final int MAX_DIGITS = 12;

    private final String key;

    /** An empty key: there are no links. */
    Links(String key) {
        this.key = key;
    }

    boolean exist() {
        return !key.isEmpty();
    }

    @Override
    public boolean leadsToPublishing() {
        return exist();
    }

    /** What follows {@code ?}; {@code until} is seconds since 1970, and an empty address is any. */
    String make(Action action, String stream, long until, String address) {
        return "expires=" + until
                + (address.isEmpty() ? "" : "&address=" + address)
                + "&signature=" + signature(action, stream, Long.toString(until), address);
    }

    private String signature(Action action, String stream, String until, String address) {
        String text = String.join("\n", action.word(), stream, until, address);
        return Secrets.sign(key, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Good through the second in which it expires. */
    @Override
    public Ruling judge(Question question, Credentials shown, long seconds) {
        boolean asked = question.action() == Action.PUBLISH || question.action() == Action.PLAY;
        if (!asked || !exist() || !shown.has("signature")) {
            return Ruling.SILENT;
        }
        String until = shown.get("expires");
        String address = shown.get("address");
        boolean right =
                Secrets.same(shown.get("signature"), signature(question.action(), question.stream(), until, address));
        if (!right || !until.matches("\\d{1," + MAX_DIGITS + "}")) {
            return new Ruling.Refused("the link is not signed for this");
        }
        if (Long.parseLong(until) < seconds) {
            return new Ruling.Refused("the link has expired");
        }
        return address.isEmpty() || Network.same(address, question.who().host())
                ? Ruling.Granted.to("link")
                : new Ruling.Refused("the link is for another address");
    }
}
