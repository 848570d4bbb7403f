package io.fluctus.script;

import io.fluctus.wire.ProtocolException;
import java.util.HashMap;
import java.util.Map;
import party.iroiro.luajava.JFunction;
import party.iroiro.luajava.Lua;
import party.iroiro.luajava.lua51.Lua51Natives;

/**
 * Functions that scripts call, from whatever coroutine. The library keeps a record of each coroutine that ever called Java, for ever;
 * so only the workers, which are used again and again, keep theirs.
 */
final class LuaHost {
    private static final int RAISE = -1;

    private final Lua main;
    private final Lua51Natives natives;
    private final Map<Long, Lua> workers = new HashMap<>();

    /** Its arguments are on the stack; gives how many results it pushed, or -1 for an error with its text on top. */
    interface Function {
        int call(Lua lua);
    }

    LuaHost(Lua main, Lua51Natives natives) {
        this.main = main;
        this.natives = natives;
    }

    /**
     * Pushes {@code function} onto the main stack. Whatever it throws becomes an error in the script, a fault of the machine included:
     * the library would put the exception itself where scripts may find it, and by it all of Java.
     */
    void push(Function function) {
        JFunction guarded = lua -> {
            try {
                return function.call(lua);
            } catch (RuntimeException | Error e) {
                lua.push(e instanceof ProtocolException ? e.getMessage() : e.toString());
                return RAISE;
            } finally {
                if (lua != main && !workers.containsKey(lua.getPointer())) {
                    lua.close(); // the record alone: the coroutine goes on
                }
            }
        };
        main.push(guarded);
    }

    /** Called by a worker: its record is kept. */
    int adopt(Lua worker) {
        workers.put(worker.getPointer(), worker);
        return 0;
    }

    /** Whether this is a worker, which can wait. */
    boolean isWorker(Lua lua) {
        return workers.containsKey(lua.getPointer());
    }

    /** The worker in the first argument has died. */
    int retire(Lua lua) {
        Lua worker = workers.remove(natives.lua_tothread(lua.getPointer(), 1));
        if (worker != null) {
            worker.close();
        }
        return 0;
    }
}
