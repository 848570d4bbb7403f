-- The object model of server applications, as scripts see it: handed the gateway's functions, hands back its entries.
--
-- Entries run on the main thread, which no hook watches. So nothing here may run a function of a script but in a worker: no metamethod of
-- a script's table (rawget, rawset, `text` for error values), and the metatables of what is handed out are locked.
local host, parameter, compiled = ...

local G = getfenv(0)
local error, next, pairs, rawget, rawset = error, next, pairs, rawget, rawset
local select, setmetatable, tostring, type, unpack = select, setmetatable, tostring, type, unpack
local create, resume, running, yield = coroutine.create, coroutine.resume, coroutine.running, coroutine.yield
local concat, find, gsub, sub = table.concat, string.find, string.gsub, string.sub

-- What an entry answers; the same numbers stand in LuaEngine.
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
local lastCall = 0

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

local function ignored()
  return DONE
end

-- Tells an application something that has no answer.
local function tell(application, name, ...)
  local f = handler(application, name)
  if f then
    run(0, ignored, nil, f, ...)
  end
end

-- Collections ----------------------------------------------------------------------------------------------------------------

-- `aliases` gives keys for other names of the same things.
local function collection(aliases)
  local items, count = {}, 0
  local function set(key, value)
    if items[key] == nil and value ~= nil then
      count = count + 1
    elseif items[key] ~= nil and value == nil then
      count = count - 1
    end
    items[key] = value
  end
  local function each()
    local key
    return function()
      local value
      key, value = next(items, key)
      return key, value
    end
  end
  local function inOrder()
    local index, key = 0, nil
    return function()
      local value
      key, value = next(items, key)
      index = index + 1
      if key ~= nil then
        return index, value
      end
    end
  end
  local face = setmetatable({}, {
    __index = function(_, name)
      if name == 'count' then
        return count
      elseif name == 'pairs' then
        return each
      elseif name == 'ipairs' then
        return inOrder
      end
      return items[aliases and aliases[name] or name]
    end,
    __newindex = function()
      error('this collection is the gateway\'s', 2)
    end,
    __call = function(_, key)
      return items[aliases and aliases[key] or key]
    end,
    __metatable = false
  })
  local function size()
    return count
  end
  return face, set, items, size
end

local ids = {} -- by raw id
local clients, setClient, byId = collection(ids)
local publications, setPublication, byName = collection()
local byKey = {} -- clients by their name on the bus

local function qualityOfService()
  return {lostRate = 0, byteRate = 0, congestionRate = 0, latency = 0, droppedFrames = 0}
end

-- Clients --------------------------------------------------------------------------------------------------------------------

local facts = setmetatable({}, {__mode = 'k'}) -- of clients and writers: what scripts cannot change
local silent = false -- while a new version meets those who are connected already

local Writer = {reliable = true}

function Writer:flush() end

function Writer:writeAMFMessage(name, ...)
  if not silent then
    host.tell(facts[self].key, name, ...)
  end
end

function Writer:writeAMFResult(...)
  facts[self].result = {...}
end

function Writer:writeStatusResponse(code, description)
  if not silent then
    host.status(facts[self].key, code, description or '')
  end
end

local function writerOf(known)
  local writer = setmetatable({}, {__index = Writer, __metatable = false})
  facts[writer] = known
  return writer
end

function Writer:newFlowWriter()
  return writerOf(facts[self])
end

function Writer:close() end

local Client = {}

-- The client's own answer: to the last argument if that is a function, else given back, for which the event waits.
local function answerOf(ok, value)
  if ok then
    return value
  end
  return nil, value
end

function Client:call(name, ...)
  if silent then
    return nil, 'the application is being loaded'
  end
  local known, count = facts[self], select('#', ...)
  local last = select(count > 0 and count or 1, ...)
  lastCall = lastCall + 1
  if type(last) == 'function' then
    waiting[lastCall] = {answer = last}
    local arguments = {...}
    host.call(lastCall, known.key, name, unpack(arguments, 1, count - 1))
    return
  end
  if not isWorker[running() or G] then
    error('here, client:call needs a function for the answer as its last argument', 2)
  end
  host.call(lastCall, known.key, name, ...)
  return answerOf(yield(CALLED, lastCall))
end

function Client:close(code, description)
  if silent then
    return
  end
  host.close(facts[self].key, code or 'NetConnection.Connect.Closed', description or 'closed by the application')
end

local ClientFace = {
  __index = function(client, name)
    local known = facts[client]
    if name == 'elapsedFromReception' then
      return host.time() - known.received
    end
    return Client[name] or known.properties[name]
  end,
  __metatable = false
}

local function newClient(application, key, properties, ...)
  local client = setmetatable({}, ClientFace)
  local known = {
    key = key,
    application = application,
    properties = properties,
    received = host.time(),
    publishing = {},
    playing = {},
    arguments = {n = select('#', ...), ...}
  }
  facts[client] = known
  properties.writer = writerOf(known)
  return client, known
end

local function add(client, known)
  byKey[known.key] = client
  ids[known.properties.rawId] = known.properties.id
  setClient(known.properties.id, client)
end

local function remove(client, known)
  byKey[known.key] = nil
  ids[known.properties.rawId] = nil
  setClient(known.properties.id, nil)
end

-- Publications ---------------------------------------------------------------------------------------------------------------

local Publication = {}

function Publication:close(code, description)
  local publisher = byId[self.publisherId]
  if publisher then
    publisher:close(code, description)
  end
end

local function publicationOf(name)
  local publication = byName[name]
  if publication then
    return publication
  end
  local listeners, setListener, listenersById, countListeners = collection()
  publication = setmetatable({
    name = name,
    publisherId = '',
    listeners = listeners,
    audioQOS = qualityOfService(),
    videoQOS = qualityOfService()
  }, {__index = Publication, __metatable = false})
  facts[publication] = {name = name, live = false, set = setListener, listeners = listenersById, count = countListeners}
  return publication
end

local function listenerOf(id, publication)
  return {
    id = id,
    publication = publication,
    audioQOS = qualityOfService(),
    videoQOS = qualityOfService(),
    audioSampleAccess = true,
    videoSampleAccess = true,
    receiveAudio = true,
    receiveVideo = true
  }
end

-- The gateway's own object ---------------------------------------------------------------------------------------------------

local gateway = {}

-- Scripts call these with a colon or with a dot.
local function method(f)
  return function(first, ...)
    if first == gateway then
      return f(...)
    end
    return f(first, ...)
  end
end

local IGNORE_EMPTY, TRIM = 1, 2

-- Each character of `separators` separates; options 1: without empty pieces, 2: without spaces around them.
local function split(text, separators, options)
  local pieces, piece, count = {}, {}, 0
  local trim, dropEmpty = options == TRIM or options == TRIM + IGNORE_EMPTY, options == IGNORE_EMPTY or options == TRIM + IGNORE_EMPTY
  local function cut(from, to)
    local part = sub(text, from, to)
    if trim then
      part = gsub(gsub(part, '^%s+', ''), '%s+$', '')
    end
    if part ~= '' or not dropEmpty then
      count = count + 1
      pieces[count] = part
    end
  end
  local from = 1
  for at = 1, #text do
    if find(separators, sub(text, at, at), 1, true) then
      cut(from, at - 1)
      from = at + 1
    end
  end
  cut(from, #text)
  return unpack(pieces, 1, count)
end

local functions = {
  md5 = method(function(...) return host.digest('MD5', ...) end),
  sha256 = method(function(...) return host.digest('SHA-256', ...) end),
  toAMF = method(function(...) return host.toAMF(3, ...) end),
  toAMF0 = method(function(...) return host.toAMF(0, ...) end),
  fromAMF = method(host.fromAMF),
  absolutePath = method(host.absolutePath),
  split = method(split)
}

setmetatable(gateway, {
  __index = function(_, name)
    if name == 'epochTime' then
      return host.time()
    elseif name == 'clients' then
      return clients
    elseif name == 'publications' then
      return publications
    end
    return functions[name]
  end,
  __metatable = false
})
rawset(gateway, 'configs', host.configs)
rawset(gateway, 'publicAddress', host.publicAddress)
G.gateway, G.cumulus = gateway, gateway

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

local entries = {}

local takesResponse = setmetatable({}, {__mode = 'k'}) -- by function

-- The one rule for both generations of scripts: a second parameter called `response` is one.
local function wantsResponse(f)
  if takesResponse[f] == nil then
    takesResponse[f] = parameter(f, 2) == 'response'
  end
  return takesResponse[f]
end

-- Whether it is this application whose onConnection serves clients of the other one.
local function greets(application, other)
  while other and rawget(other.environment, 'onConnection') == nil do
    other = other.parent
  end
  return other == application
end

-- A new version begins without a memory: it meets those who are connected as if they came now, but nobody hears of it.
local function introduce(application)
  local f = handler(application, 'onConnection')
  if not f then
    return
  end
  silent = true
  for _, client in pairs(byKey) do
    local known = facts[client]
    if greets(application, known.application) then
      if wantsResponse(f) then
        run(0, ignored, nil, f, client, {}, unpack(known.arguments, 1, known.arguments.n))
      else
        run(0, ignored, nil, f, client, unpack(known.arguments, 1, known.arguments.n))
      end
    end
  end
  silent = false
end

local function loaded(_, ok, failure)
  return DONE, not ok and text(failure) or nil
end

-- Runs a version of the application; the one before goes on if this one fails. Gives the reason then.
function entries.load(path, parent, name, source, serving)
  local application = applications[path] or {path = path, serving = serving}
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
  local old = application.environment
  if old and serving then
    tell(application, 'onStop', path)
  end
  application.environment = fresh
  applications[path] = application
  if old then
    forward(old)
  end
  if serving then
    tell(application, 'onStart', path)
  end
  if old then
    introduce(application)
  end
end

function entries.unload(path)
  local application = applications[path]
  if application then
    if application.serving then
      tell(application, 'onStop', path)
    end
    applications[path] = nil
  end
end

local function connected(context, ok, answer, reason)
  if not ok or answer == false then
    remove(context.client, context.known)
    return FAILED, not ok and sentence(answer) or reason or 'refused by the application'
  end
  local members = context.response
  if type(answer) == 'table' and answer ~= context.client then
    for name, value in pairs(answer) do
      rawset(members, name, value)
    end
  end
  return DONE, members
end

function entries.connect(ticket, path, key, properties, ...)
  local application = applications[path]
  local client, known = newClient(application, key, properties, ...)
  add(client, known)
  local context = {client = client, known = known, response = {}}
  local f = handler(application, 'onConnection')
  if not f then
    return DONE, context.response
  end
  if wantsResponse(f) then
    return run(ticket, connected, context, f, client, context.response, ...)
  end
  return run(ticket, connected, context, f, client, ...)
end

-- Ends what the client had begun, in the order in which a script expects it.
function entries.disconnect(key, failure)
  local client = byKey[key]
  if not client then
    return
  end
  local known = facts[client]
  for name in pairs(known.publishing) do
    entries.unpublish(key, name)
  end
  for name in pairs(known.playing) do
    entries.unsubscribe(key, name)
  end
  if failure ~= '' then
    tell(known.application, 'onFailed', client, failure)
  end
  tell(known.application, 'onDisconnection', client)
  remove(client, known)
end

local function called(known, ok, ...)
  if not ok then
    return FAILED, sentence((...))
  end
  local result = known.result
  known.result = nil
  if result and select('#', ...) == 0 then
    return DONE, result[1]
  end
  return DONE, (...)
end

function entries.call(ticket, key, name, ...)
  local client = byKey[key]
  if not client then
    return UNKNOWN
  end
  local known = facts[client]
  known.received = host.time()
  local f = rawget(client, name)
  if type(f) ~= 'function' or name == 'onManage' then
    return UNKNOWN
  end
  return run(ticket, called, known, f, client, ...)
end

local function verdict(ok, answer, reason, otherwise)
  if not ok then
    return FAILED, sentence(answer)
  elseif answer == false then
    return FAILED, reason or otherwise
  end
  return DONE
end

local function published(context, ok, answer, reason)
  local code, why = verdict(ok, answer, reason, 'the application refuses this publication')
  if code == DONE then
    local publication, known = context.publication, facts[context.client]
    local name = facts[publication].name
    facts[publication].live = true
    rawset(publication, 'publisherId', known.properties.id)
    setPublication(name, publication)
    known.publishing[name] = true
  end
  return code, why
end

function entries.publish(ticket, key, name)
  local client = byKey[key]
  if not client then
    return FAILED, 'the client is gone'
  end
  local publication = publicationOf(name)
  local context = {client = client, publication = publication}
  local f = handler(facts[client].application, 'onPublish')
  if not f then
    return published(context, true)
  end
  return run(ticket, published, context, f, client, publication)
end

function entries.unpublish(key, name)
  local client = byKey[key]
  local publication = byName[name]
  if not client or not publication then
    return
  end
  facts[client].publishing[name] = nil
  facts[publication].live = false
  rawset(publication, 'publisherId', '')
  tell(facts[client].application, 'onUnpublish', client, publication)
  if facts[publication].count() == 0 then
    setPublication(name, nil)
  end
end

local function subscribed(context, ok, answer, reason)
  local code, why = verdict(ok, answer, reason, 'the application refuses this subscription')
  if code == DONE then
    local publication, known = context.publication, facts[context.client]
    local name = facts[publication].name
    facts[publication].set(known.properties.id, context.listener)
    setPublication(name, publication)
    known.playing[name] = true
  end
  return code, why
end

function entries.subscribe(ticket, key, name)
  local client = byKey[key]
  if not client then
    return FAILED, 'the client is gone'
  end
  local publication = publicationOf(name)
  local context = {client = client, publication = publication, listener = listenerOf(facts[client].properties.id, publication)}
  local f = handler(facts[client].application, 'onSubscribe')
  if not f then
    return subscribed(context, true)
  end
  return run(ticket, subscribed, context, f, client, context.listener)
end

function entries.unsubscribe(key, name)
  local client = byKey[key]
  local publication = byName[name]
  local known = client and facts[client]
  local listener = known and publication and facts[publication].listeners[known.properties.id]
  if not listener then
    return
  end
  known.playing[name] = nil
  facts[publication].set(known.properties.id, nil)
  tell(known.application, 'onUnsubscribe', client, listener)
  if not facts[publication].live and facts[publication].count() == 0 then
    setPublication(name, nil)
  end
end

-- A client has answered a call of ours.
function entries.answered(call, ok, value)
  local job = waiting[call]
  waiting[call] = nil
  if not job then
    return
  end
  if job.answer then
    if ok then
      run(0, ignored, nil, job.answer, value)
    else
      run(0, ignored, nil, job.answer, nil, value)
    end
    return
  end
  local code, result = step(job.worker, job.ticket, job.ended, job.context, resume(job.worker, ok, value))
  if code ~= LATER and job.ticket ~= 0 then
    host.reply(job.ticket, code, result)
  end
end

function entries.manage()
  for _, application in pairs(applications) do
    local f = application.serving and rawget(application.environment, 'onManage')
    if type(f) == 'function' then
      run(0, ignored, nil, f)
    end
  end
  for _, client in pairs(byKey) do
    local f = rawget(client, 'onManage')
    if type(f) == 'function' then
      run(0, ignored, nil, f, client)
    end
  end
end

return entries
