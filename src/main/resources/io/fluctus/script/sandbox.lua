-- Closes a fresh state for applications: what reaches outside goes, what could run for ever or outside the budget is wrapped.
-- Handed check(kilobytes), which gives the reason why the running call must end; hands back what only the gateway may use.
local check, maxKilobytes, interval, maxString, maxPattern = ...

local G = getfenv(0)
local sethook, getlocal, getinfo = debug.sethook, debug.getlocal, debug.getinfo
local create, resume = coroutine.create, coroutine.resume
local gcinfo, collect = gcinfo, collectgarbage
local error, getfenv, setfenv, pcall, type, tostring = error, getfenv, setfenv, pcall, type, tostring
local loadstring, concat, byte = loadstring, table.concat, string.byte

-- The hook -------------------------------------------------------------------------------------------------------------------

-- Memory is looked at in each hook, as a string that doubles grows by 2^(interval / 4) between two of them; the clock in some.
local CLOCK_EVERY = 64
local ticks = 0

local function hook()
  ticks = ticks + 1
  if ticks < CLOCK_EVERY and gcinfo() <= maxKilobytes then
    return
  end
  if gcinfo() > maxKilobytes then
    collect()
  end
  local why = check(gcinfo())
  if not why then
    ticks = 0
    return
  end
  -- From now on at every instruction: pcall cannot swallow what is raised again at once.
  ticks = CLOCK_EVERY
  sethook(hook, '', 1)
  error(why, 0)
end

-- Hooks belong to a coroutine, so each gets its own. The main thread has none: no function of a script runs on it.
local function hooked(f)
  local thread = create(f)
  sethook(thread, hook, '', interval)
  return thread
end

local function unwrap(ok, ...)
  if not ok then
    error((...), 0)
  end
  return ...
end

coroutine.create = hooked
coroutine.wrap = function(f)
  local thread = hooked(f)
  return function(...)
    return unwrap(resume(thread, ...))
  end
end

-- The engine's own xpcall runs the handler while hooks are off: an endless handler would never end.
xpcall = function(f, handler, ...)
  local function handled(ok, ...)
    if ok then
      return true, ...
    end
    return false, handler((...))
  end
  return handled(pcall(f, ...))
end

-- Code -----------------------------------------------------------------------------------------------------------------------

local BYTECODE = 27

local function compiled(source, name, environment)
  if type(source) ~= 'string' then
    return nil, 'a string is expected'
  end
  if byte(source, 1) == BYTECODE then
    return nil, 'bytecode is not loaded'
  end
  local chunk, why = loadstring(source, name)
  if not chunk then
    return nil, why
  end
  return setfenv(chunk, environment)
end

G.loadstring = function(source, name)
  return compiled(source, name, getfenv(2))
end

G.load = function(reader, name)
  local pieces = {}
  for piece in reader do
    if piece == '' then
      break
    end
    pieces[#pieces + 1] = tostring(piece)
  end
  return compiled(concat(pieces), name or '=(load)', getfenv(2))
end

-- The function at a level as the caller counts it, or the function itself.
local function named(f)
  if type(f) == 'number' and f > 0 then
    local found = getinfo(f + 2, 'f')
    return found and found.func
  end
  return f
end

-- Functions of the engine and of the gateway: their environment is what all applications of the state share.
local function ours(f)
  return type(f) ~= 'function' or getinfo(f, 'S').what == 'C' or getfenv(f) == G
end

G.getfenv = function(f)
  f = named(f or 1)
  if ours(f) then
    return getfenv(2)
  end
  return getfenv(f)
end

G.setfenv = function(f, environment)
  f = named(f)
  if ours(f) then
    error('this environment cannot be changed', 2)
  end
  return setfenv(f, environment)
end

G.collectgarbage = function(what)
  if what == nil or what == 'collect' then
    return collect()
  elseif what == 'count' then
    return gcinfo()
  end
  error('only collect and count are allowed', 2)
end

-- Long calls inside the engine, which no hook interrupts ----------------------------------------------------------------------

local rep = string.rep
string.rep = function(text, count)
  if #text * count > maxString then
    error('string.rep makes at most ' .. maxString .. ' bytes', 2)
  end
  return rep(text, count)
end

-- A pattern's length is also how deep the engine recurses on the native stack.
for _, name in ipairs {'find', 'match', 'gmatch', 'gsub'} do
  local search = string[name]
  string[name] = function(text, pattern, ...)
    if #pattern > maxPattern then
      error('a pattern has at most ' .. maxPattern .. ' bytes', 2)
    end
    return search(text, pattern, ...)
  end
end
string.gfind = string.gmatch
string.dump = nil

for _, name in ipairs {'debug', 'java', 'luajava', 'dofile', 'loadfile', 'require', 'module', 'package', 'newproxy', 'io', 'os'} do
  G[name] = nil
end

-- The name of a function's parameter: it is stopped at its first breath.
local function parameter(f, index)
  local name
  local thread = create(f)
  sethook(thread, function()
    name = getlocal(2, index)
    error('seen')
  end, 'c')
  resume(thread)
  return name
end

return parameter, compiled
