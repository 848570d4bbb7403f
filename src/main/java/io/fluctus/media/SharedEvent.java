package io.fluctus.media;

import io.fluctus.wire.AmfValue;
import java.util.List;

/**
 * What is said about a shared object (RTMP 1.0 7.1.3): by those who use it, and to them. A slot is one named value of the object; it
 * changes as a whole.
 */
public sealed interface SharedEvent {
    Use USE = new Use();
    Release RELEASE = new Release();
    Clear CLEAR = new Clear();
    UseSuccess USE_SUCCESS = new UseSuccess();

    // -- by a user

    /** I want to use it. */
    record Use() implements SharedEvent {}

    /** I use it no more. */
    record Release() implements SharedEvent {}

    /** Set this slot; null and undefined remove it. */
    record RequestChange(String slot, AmfValue value) implements SharedEvent {}

    record RequestRemove(String slot) implements SharedEvent {}

    // -- by a user, and to all

    /** A call of a function that every user may have; nothing of it is kept. */
    record SendMessage(String handler, List<AmfValue> arguments) implements SharedEvent {
        public SendMessage {
            arguments = List.copyOf(arguments);
        }
    }

    /** To users: there are no slots any more. By one: remove them all. */
    record Clear() implements SharedEvent {}

    // -- to users

    record UseSuccess() implements SharedEvent {}

    /** Somebody set this slot. */
    record Change(String slot, AmfValue value) implements SharedEvent {}

    /** Your own change of this slot holds. */
    record Success(String slot) implements SharedEvent {}

    /** The slot is gone. */
    record Remove(String slot) implements SharedEvent {}

    /** Something was refused; {@code level} is {@code error}. */
    record Status(String code, String level) implements SharedEvent {
        public static final String NO_READ_ACCESS = "SharedObject.NoReadAccess";
        public static final String NO_WRITE_ACCESS = "SharedObject.NoWriteAccess";
        public static final String CREATION_FAILED = "SharedObject.ObjectCreationFailed";
        public static final String BAD_PERSISTENCE = "SharedObject.BadPersistence";

        public static Status error(String code) {
            return new Status(code, "error");
        }
    }
}
