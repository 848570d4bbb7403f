// A lobby for games of two: who is here stands in a shared object, which clients read and this script alone writes.
const here = new Map();
let lobby;

export function onStart(path) {
  lobby = gateway.sharedObject(path, 'lobby');
  lobby.onSync = (changes) => {
    for (const change of changes) {
      if (change.code === 'change') {
        NOTE(change.name, ' is ', String(lobby.get(change.name)));
      }
    }
  };
}

export function onSharedObject(client, name, persistent) {
  if (name === 'lobby') return 'read';
  return name === 'table/' + here.get(client);
}

function isFree(name) {
  const player = name && lobby.get(name);
  return player && player.free;
}

export function onConnection(client, name) {
  name = name || client.name;
  if (!name || lobby.get(name)) throw new Error('this name is taken');
  here.set(client, name);
  lobby.set(name, {free: true});
  client.challenge = (other) => {
    if (other === name || !isFree(name) || !isFree(other)) throw new Error('not now');
    lobby.set(name, {free: false});
    lobby.set(other, {free: false});
    lobby.send('begin', name, other);
    return 'table/' + name;
  };
  client.players = () => lobby.slots();
}

export function onDisconnection(client) {
  if (here.has(client)) lobby.remove(here.get(client));
  here.delete(client);
}
