-- RPC: gives back what it is given, and asks the client in turn.
function onConnection(client, name)
  client.name = name

  function client:echo(...)
    return ...
  end

  function client:sum(...)
    local sum = 0
    for _, number in ipairs {...} do
      sum = sum + number
    end
    return sum
  end

  function client:whoAmI()
    return client.name
  end

  function client:ask(question)
    local answer, why = client:call('answer', question)
    if not answer then
      error('no answer: ' .. why)
    end
    return question .. ' ' .. answer
  end

  function client:fail()
    error('this always fails')
  end

  return {greeting = 'hello ' .. tostring(name)}
end
