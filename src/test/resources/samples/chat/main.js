// A chat room: who is there, what they say, who comes and goes.
const MAX_TEXT = 200;

function everybody(name, ...values) {
  for (const client of cumulus.clients) {
    client.writer.writeAMFMessage(name, ...values);
  }
}

export function onConnection(client, name) {
  if (typeof name !== 'string' || name === '') {
    throw new Error('a chat needs a name');
  }
  for (const other of cumulus.clients) {
    if (other.name === name) {
      throw new Error(`somebody is called ${name} already`);
    }
  }
  client.name = name;

  client.say = text => {
    text = String(text);
    if (text.length > MAX_TEXT) {
      throw new Error(`at most ${MAX_TEXT} letters at a time`);
    }
    everybody('said', client.name, text);
  };

  client.who = () => {
    const names = [];
    for (const other of cumulus.clients) {
      names.push(other.name);
    }
    return names.sort();
  };

  everybody('came', name);
}

export function onDisconnection(client) {
  for (const other of cumulus.clients) {
    if (other !== client) {
      other.writer.writeAMFMessage('left', client.name);
    }
  }
}
