package io.fluctus.script;

import io.fluctus.wire.AmfValue;
import io.fluctus.wire.ProtocolException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import party.iroiro.luajava.Lua;

/** The faces of things in one Lua state: numbered here, and made by {@code projection.lua} when a script first sees one. */
final class LuaFaces {
    /** Things that scripts hold at a time, beside their clients: then nothing more is shown. */
    static final int MAX_THINGS = 1_000_000;

    private final Registry registry;
    private final Map<Integer, Thing> things = new HashMap<>();
    private final Set<Thing.Kind<?>> known = new HashSet<>();
    private int last;

    /** Where the projection's tables and functions stand in Lua's registry: faces by number, numbers by face, and so on. */
    record Registry(int faces, int numbers, int await, int face, int kind) {}

    LuaFaces(Registry registry) {
        this.registry = registry;
    }

    /** The number by which the projection knows the thing. */
    int number(Thing thing) {
        return thing.face().map(Integer.class::cast).orElseGet(() -> {
            thing.face(++last);
            return last;
        });
    }

    /** The thing whose number is at {@code index}. */
    Thing thing(Lua lua, int index) {
        Thing thing = things.get((int) lua.toNumber(index));
        if (thing == null) {
            throw new ProtocolException("this is no object of the gateway: call it with a colon");
        }
        return thing;
    }

    /** The thing whose face is at {@code index}. */
    Optional<Thing> find(Lua lua, int index) {
        if (lua.type(index) != Lua.LuaType.TABLE) {
            return Optional.empty();
        }
        lua.refGet(registry.numbers);
        lua.pushValue(index);
        lua.rawGet(-2);
        Thing found = things.get((int) lua.toNumber(-1));
        lua.pop(2);
        return Optional.ofNullable(found);
    }

    void forget(int number) {
        things.remove(number);
    }

    void pushAwait(Lua lua) {
        lua.refGet(registry.await);
    }

    void push(Lua lua, Thing thing) {
        int number = number(thing);
        lua.refGet(registry.faces);
        lua.rawGetI(-1, number);
        lua.remove(-2);
        if (lua.isNil(-1)) {
            lua.pop(1);
            create(lua, thing, number, false);
        }
    }

    /** As {@link #push}, for the only thing of its kind. */
    void pushOnly(Lua lua, Thing thing) {
        if (thing.face().isEmpty()) {
            create(lua, thing, number(thing), true);
        } else {
            push(lua, thing);
        }
    }

    private void create(Lua lua, Thing thing, int number, boolean only) {
        if (things.size() >= MAX_THINGS) {
            throw new ProtocolException("more than " + MAX_THINGS + " objects");
        }
        if (known.add(thing.kind())) {
            describe(lua, thing.kind(), number, only);
        }
        things.put(number, thing);
        lua.refGet(registry.face);
        lua.push((Number) (double) number);
        lua.push(thing.kind().name());
        lua.pCall(2, 1);
    }

    private void describe(Lua lua, Thing.Kind<?> kind, int number, boolean only) {
        lua.refGet(registry.kind);
        LuaValues values = new LuaValues(lua);
        values.push(kind.name());
        values.push(names(kind.methodNames()));
        values.push(names(kind.parts()));
        values.push(names(kind.properties()));
        values.push(names(kind.writable()));
        lua.push(kind.isCollection());
        lua.push(kind.isOpen());
        if (only) {
            lua.push((Number) (double) number);
        } else {
            lua.pushNil();
        }
        lua.pCall(8, 0);
    }

    private static AmfValue names(Collection<String> names) {
        return new AmfValue.Array(List.copyOf(names.stream().map(AmfValue::of).toList()), Map.of());
    }
}
