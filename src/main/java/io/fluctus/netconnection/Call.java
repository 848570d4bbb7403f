package io.fluctus.netconnection;

import io.fluctus.wire.AmfValue;
import java.util.List;
import java.util.Optional;

/**
 * A command as its receiver reads it (RTMP 1.0 7.2): the transaction id made harmless, the command object apart from the
 * arguments, and every argument that is missing read as null.
 */
record Call(int streamId, String name, double transactionId, AmfValue object, List<AmfValue> arguments) {
    /** Peers leave the command object out (some encoders do at publish), so a plain value in its place is an argument. */
    static Call of(Message.Command command) {
        List<AmfValue> values = command.values();
        double id = command.transactionId();
        double transactionId = id > 0 && Double.isFinite(id) ? id : 0;
        boolean bare = values.isEmpty() || isArgument(values.get(0));
        AmfValue object = bare ? AmfValue.NULL : values.get(0);
        List<AmfValue> arguments = bare ? values : values.subList(1, values.size());
        return new Call(command.streamId(), command.name(), transactionId, object, arguments);
    }

    private static boolean isArgument(AmfValue value) {
        return value instanceof AmfValue.Str
                || value instanceof AmfValue.Bool
                || value.number().isPresent();
    }

    /** For {@code _result} and {@code _error}: what follows the command object, or that one where nothing does. */
    List<AmfValue> answer() {
        return arguments.isEmpty() ? List.of(object) : arguments;
    }

    AmfValue argument(int index) {
        return index < arguments.size() ? arguments.get(index) : AmfValue.NULL;
    }

    Optional<String> text(int index) {
        return argument(index).string();
    }

    /** True for {@code true} and for every number but 0, or {@code otherwise} when it is neither. */
    boolean flag(int index, boolean otherwise) {
        AmfValue value = argument(index);
        return value.bool().or(() -> value.number().map(n -> n != 0)).orElse(otherwise);
    }

    /** Milliseconds, not negative and at most 32 bits; {@code otherwise} when missing, negative or not a number. */
    long millis(int index, long otherwise) {
        double value = argument(index).number().orElse(Double.NaN);
        return value >= 0 ? (long) Math.min(value, 0xFFFFFFFFL) : otherwise;
    }
}
