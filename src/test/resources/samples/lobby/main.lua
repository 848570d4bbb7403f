-- A lobby for games of two: who is here stands in a shared object, which clients read and this script alone writes.
local here = {}
local lobby

function onStart(path)
  lobby = cumulus:sharedObject(path, 'lobby')
  function lobby:onSync(changes)
    for _, change in ipairs(changes) do
      if change.code == 'change' then
        NOTE(change.name, ' is ', lobby:get(change.name))
      end
    end
  end
end

function onSharedObject(client, name, persistent)
  if name == 'lobby' then return 'read' end
  return name == 'table/' .. (here[client] or '')
end

local function isFree(name)
  local player = name and lobby:get(name)
  return player and player.free
end

function onConnection(client, name)
  name = name or client.name
  if not name or lobby:get(name) then error('this name is taken') end
  here[client] = name
  lobby:set(name, {free = true})
  function client:challenge(other)
    if other == name or not isFree(name) or not isFree(other) then error('not now') end
    lobby:set(name, {free = false})
    lobby:set(other, {free = false})
    lobby:send('begin', name, other)
    return 'table/' .. name
  end
  function client:players()
    return lobby:slots()
  end
end

function onDisconnection(client)
  if here[client] then lobby:remove(here[client]) end
  here[client] = nil
end
