-- A switch for the recorder: whoever publishes may record what it publishes.
function onConnection(client)
  client.publishing = {}

  function client:record(name, on)
    if not client.publishing[name] then
      error('you do not publish ' .. tostring(name))
    end
    local answer, why = cumulus:record(name, on)
    if why then
      error(why)
    end
    return answer
  end
end

function onPublish(client, publication)
  client.publishing[publication.name] = true
end

function onUnpublish(client, publication)
  client.publishing[publication.name] = nil
end
