-- The object model in Lua: applications and their environments, jobs that may wait, and the faces of the things that the model
-- consists of. What things have and do stands in Java. Handed the gateway's functions, hands back its entries.
--
-- Entries run on the main thread, which no hook watches. So nothing here may run a function of a script but in a worker: no metamethod of
-- a script's table (rawget, rawset, `text` for error values), and the metatables of what is handed out are locked.
local host, parameter, compiled = ...

local G = getfenv(0)
local error, ipairs, pairs, rawget, rawset = error, ipairs, pairs, rawget, rawset
local select, setmetatable, tostring, type, unpack = select, setmetatable, tostring, type, unpack
local create, resume, running, yield = coroutine.create, coroutine.resume, coroutine.running, coroutine.yield
local concat, gsub = table.concat, string.gsub

-- What an entry answers; the same numbers stand in LuaLanguage.
local LATER, DONE, FAILED, UNKNOWN = 0, 1, 2, 3

-- Applications ---------------------------------------------------------------------------------------------------------------

local applications = {} -- by path

-- What a name means that is not the application's own: `super`, its parent's, everybody's, an application in a folder below.
local function meaning(application, name)
  local parent = application.parent
  if name == 'super' then
    return parent and parent.environment
  end
  if name == '__jthrowable__' then
    return nil -- where the library keeps an exception of Java: none gets that far, and if one did, this is the second wall
  end
  local value
  if parent then
    value = parent.environment[name]
  else
    value = G[name]
  end
  if value == nil then
    local child = applications[application.path == '' and name or application.path .. '/' .. tostring(name)]
    value = child and child.environment
  end
  return value
end

local isOld = setmetatable({}, {__mode = 'k'}) -- by environment

local function environmentOf(application)
  local environment = {}
  environment._G = environment
  return setmetatable(environment, {
    __index = function(_, name)
      if isOld[environment] then
        return application.environment[name]
      end
      return meaning(application, name)
    end,
    __newindex = function(_, name, value)
      rawset(isOld[environment] and application.environment or environment, name, value)
    end,
    __metatable = false
  })
end

-- What still runs of an old version reads and writes the new one's names.
local function forward(old)
  for name in pairs(old) do
    rawset(old, name, nil)
  end
  isOld[old] = true
end

-- An event's function, the parents' included; names such as print are none.
local function handler(application, name)
  local f = application.environment[name]
  return type(f) == 'function' and f ~= G[name] and f or nil
end

-- What an error says; one that is no text has a script's own ways to become one.
local function text(why)
  local kind = type(why)
  return (kind == 'string' or kind == 'number') and tostring(why) or 'error of type ' .. kind
end

-- The same for a client: without the place, which is for the log.
local function sentence(why)
  local words = gsub(text(why), '^[^:\n]*:%d+: ', '')
  return words
end

-- Jobs -----------------------------------------------------------------------------------------------------------------------

-- Each function of a script runs in a worker, a coroutine that is used again and again, with a budget of its own; so it may wait for a
-- client's answer.
local READY, CALLED = {}, {} -- what a worker yields; scripts have neither
local idle, waiting, isWorker = {}, {}, setmetatable({}, {__mode = 'k'})

local function body(f, ...)
  return body(yield(READY, f(...)))
end

local function hire()
  local worker = create(function(f, ...)
    host.adopt()
    return body(f, ...)
  end)
  isWorker[worker] = true
  return worker
end

coroutine.running = function()
  local thread = running()
  return thread and not isWorker[thread] and thread or nil
end

-- `ended` makes the answer out of what the function gave back.
local function step(worker, ticket, ended, context, ok, state, ...)
  if ok and state == READY then
    idle[#idle + 1] = worker
    return ended(context, true, ...)
  end
  if ok and state == CALLED then
    waiting[(...)] = {worker = worker, ticket = ticket, ended = ended, context = context}
    return LATER
  end
  local why = ok and 'an event cannot yield' or state
  isWorker[worker] = nil
  host.retire(worker)
  host.log('error', text(why))
  return ended(context, false, why)
end

local function run(ticket, ended, context, f, ...)
  host.fresh()
  local worker = idle[#idle]
  idle[#idle] = nil
  worker = worker or hire()
  return step(worker, ticket, ended, context, resume(worker, f, ...))
end

local function finished(_, ok, ...)
  if ok then
    return DONE, ...
  end
  return FAILED, sentence((...))
end

-- Things ---------------------------------------------------------------------------------------------------------------------

-- A thing of the model is shown as a table, its face. What a script adds stays on the face, and the face stays while the model keeps it;
-- one that is not kept goes when no script has it any more.
local kinds = {} -- by name: metatables
local faces = setmetatable({}, {__mode = 'v'}) -- by the thing's number
local kept, loose = {}, {} -- by the thing's number: faces; true
local numbers, parts = setmetatable({}, {__mode = 'k'}), setmetatable({}, {__mode = 'k'}) -- by face

local AWAIT = {} -- what a function gives whose result comes later, with the number of the call

-- The answer that comes later: given back, for which the event waits, or nil and the reason why there is none.
local function answerOf(ok, value)
  if ok then
    return value
  end
  return nil, value
end

local function settled(first, call, ...)
  if first == AWAIT then
    return answerOf(yield(CALLED, call))
  end
  return first, call, ...
end

local invoke, get, set, item, after = host.invoke, host.get, host.set, host.item, host.after

local function walk(face)
  local number, key = numbers[face], nil
  return function()
    local value
    key, value = after(number, key)
    return key, value
  end
end

local function inOrder(face)
  local number, index, key = numbers[face], 0, nil
  return function()
    local value
    key, value = after(number, key)
    index = index + 1
    if key ~= nil then
      return index, value
    end
  end
end

local function named(names)
  local set = {}
  for _, name in ipairs(names) do
    set[name] = true
  end
  return set
end

-- A method is called with a colon; one of the only thing of its kind with a dot, too.
local function methodOf(method, only)
  if not only then
    return function(self, ...)
      return settled(invoke(numbers[self], method, ...))
    end
  end
  return function(first, ...)
    if numbers[first or G] == only then
      return settled(invoke(only, method, ...))
    end
    return settled(invoke(only, method, first, ...))
  end
end

local function kindOf(methods, constant, readable, open)
  return function(face, name)
    local method = methods[name]
    if method then
      return method
    end
    if constant[name] then
      local mine = parts[face]
      if not mine then
        mine = {}
        parts[face] = mine
      end
      if mine[name] == nil then
        mine[name] = get(numbers[face], name)
      end
      return mine[name]
    end
    if readable[name] or open and type(name) == 'string' then
      return get(numbers[face], name)
    end
  end
end

local function collectionOf()
  return function(face, name)
    if name == 'count' then
      return get(numbers[face], name)
    elseif name == 'pairs' then
      return walk
    elseif name == 'ipairs' then
      return inOrder
    elseif type(name) == 'string' then
      return item(numbers[face], name)
    end
  end
end

local entries = {}

-- What the things of one kind have. `only`: the number of the one that there is.
function entries.kind(name, methodNames, constant, readable, writable, collection, open, only)
  local methods = {}
  for place, called in ipairs(methodNames) do
    methods[called] = methodOf(place - 1, only)
  end
  local kind = {__metatable = false}
  if collection then
    kind.__index = collectionOf()
    kind.__newindex = function()
      error('this collection is the gateway\'s', 2)
    end
    kind.__call = function(face, key)
      return item(numbers[face], key)
    end
  else
    kind.__index = kindOf(methods, named(constant), named(readable), open)
  end
  if #writable > 0 then
    local settable = named(writable)
    kind.__newindex = function(face, member, value)
      if settable[member] then
        set(numbers[face], member, value)
      else
        rawset(face, member, value)
      end
    end
  end
  kinds[name] = kind
end

function entries.face(number, kind)
  local face = setmetatable({}, kinds[kind])
  faces[number] = face
  numbers[face] = number
  loose[number] = true
  return face
end

function entries.keep(number)
  kept[number] = faces[number]
  loose[number] = nil
end

function entries.drop(number)
  if kept[number] then
    kept[number] = nil
    loose[number] = true
  end
end

-- The log --------------------------------------------------------------------------------------------------------------------

local function words(separator, ...)
  local texts = {}
  for i = 1, select('#', ...) do
    texts[i] = tostring((select(i, ...)))
  end
  return concat(texts, separator)
end

for name, level in pairs {ERROR = 'error', WARN = 'warn', NOTE = 'info', INFO = 'info', DEBUG = 'debug', TRACE = 'debug'} do
  G[name] = function(...)
    host.log(level, words('', ...))
  end
end

G.print = function(...)
  host.log('info', words('\t', ...))
end

-- Entries --------------------------------------------------------------------------------------------------------------------

local takesResponse = setmetatable({}, {__mode = 'k'}) -- by function

-- The one rule for both generations of scripts: a second parameter called `response` is one.
local function wantsResponse(f)
  if takesResponse[f] == nil then
    takesResponse[f] = parameter(f, 2) == 'response'
  end
  return takesResponse[f]
end

local pending = {} -- by path: versions that have run and not begun

local function loaded(_, ok, failure)
  return DONE, not ok and text(failure) or nil
end

-- Runs a version of the application, which waits then to begin. Gives the reason if it fails.
function entries.load(path, parent, name, source)
  local application = applications[path] or {path = path}
  application.parent = parent and applications[parent]
  local fresh = environmentOf(application)
  local chunk, why = compiled(source, '=' .. name, fresh)
  if not chunk then
    return why
  end
  local fault = select(2, run(0, loaded, nil, chunk))
  if fault then
    return fault
  end
  pending[path] = {application = application, environment = fresh}
end

function entries.begin(path)
  local version = pending[path]
  pending[path] = nil
  local application = version.application
  local old = application.environment
  application.environment = version.environment
  applications[path] = application
  if old then
    forward(old)
  end
end

function entries.unload(path)
  applications[path] = nil
end

function entries.hears(path, name)
  local application = applications[path]
  return application and handler(application, name) and true or false
end

function entries.owns(path, name)
  local application = applications[path]
  return application and type(rawget(application.environment, name)) == 'function' or false
end

local function connected(response, ok, answer, reason)
  if not ok or answer == false then
    return finished(nil, ok, answer, reason)
  end
  if type(answer) == 'table' and not numbers[answer] then
    for name, value in pairs(answer) do
      rawset(response, name, value)
    end
  end
  return DONE, response
end

function entries.event(ticket, path, name, client, ...)
  local application = applications[path]
  local f = application and handler(application, name)
  if not f then
    return DONE
  end
  if name ~= 'onConnection' then
    return run(ticket, finished, nil, f, client, ...)
  end
  local response = {}
  if wantsResponse(f) then
    return run(ticket, connected, response, f, client, response, ...)
  end
  return run(ticket, connected, response, f, client, ...)
end

function entries.member(ticket, number, name, ...)
  local face = faces[number]
  local f = face and rawget(face, name)
  if type(f) ~= 'function' then
    return UNKNOWN
  end
  return run(ticket, finished, nil, f, face, ...)
end

-- A function that a script handed over.
function entries.apply(ticket, f, ...)
  return run(ticket, finished, nil, f, ...)
end

local function reply(ticket, code, ...)
  if code ~= LATER and ticket ~= 0 then
    host.reply(ticket, code, ...)
  end
end

-- What a job waits for has come.
function entries.answered(call, ok, value)
  local job = waiting[call]
  waiting[call] = nil
  if job then
    reply(job.ticket, step(job.worker, job.ticket, job.ended, job.context, resume(job.worker, ok, value)))
  end
end

function entries.each(name)
  local jobs = {}
  for _, face in pairs(kept) do
    local f = rawget(face, name)
    if type(f) == 'function' then
      jobs[#jobs + 1] = face
    end
  end
  for _, face in ipairs(jobs) do
    run(0, finished, nil, rawget(face, name), face)
  end
  for number in pairs(loose) do
    if not faces[number] then
      loose[number] = nil
      host.forget(number)
    end
  end
end

return entries, AWAIT, numbers, faces
