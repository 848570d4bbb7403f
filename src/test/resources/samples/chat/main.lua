-- A chat room: who is there, what they say, who comes and goes.
local MAX_TEXT = 200

local function everybody(name, ...)
  for id, other in cumulus.clients:pairs() do
    other.writer:writeAMFMessage(name, ...)
  end
end

function onConnection(client, name)
  if type(name) ~= 'string' or name == '' then
    error('a chat needs a name')
  end
  for id, other in cumulus.clients:pairs() do
    if other.name == name then
      error('somebody is called ' .. name .. ' already')
    end
  end
  client.name = name

  function client:say(text)
    text = tostring(text)
    if #text > MAX_TEXT then
      error('at most ' .. MAX_TEXT .. ' letters at a time')
    end
    everybody('said', client.name, text)
  end

  function client:who()
    local names = {}
    for id, other in cumulus.clients:pairs() do
      names[#names + 1] = other.name
    end
    table.sort(names)
    return names
  end

  everybody('came', name)
end

function onDisconnection(client)
  for id, other in cumulus.clients:pairs() do
    if other ~= client then
      other.writer:writeAMFMessage('left', client.name)
    end
  end
end
