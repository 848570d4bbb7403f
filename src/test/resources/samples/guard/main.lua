-- Who may publish and play: editors publish, at most one stream each; streams called private-... are played by editors only.
function onConnection(client, password)
  client.editor = password == cumulus.configs.guard.password
  client.streams = 0

  function client:live()
    local names = {}
    for name, publication in cumulus.publications:pairs() do
      names[#names + 1] = name .. ' ' .. publication.listeners.count
    end
    table.sort(names)
    return names
  end
end

function onPublish(client, publication)
  if not client.editor then
    error('only editors publish')
  end
  if client.streams > 0 then
    return false, 'one stream at a time'
  end
  client.streams = client.streams + 1
end

function onUnpublish(client, publication)
  client.streams = client.streams - 1
  INFO(publication.name, ' is over')
end

function onSubscribe(client, listener)
  return client.editor or listener.publication.name:sub(1, 8) ~= 'private-'
end
