// Who may publish and play: editors publish, at most one stream each; streams called private-... are played by editors only.
export function onConnection(client, password) {
  client.editor = password === cumulus.configs.guard.password;
  client.streams = 0;

  client.live = () => {
    const names = [];
    for (const publication of cumulus.publications) {
      names.push(`${publication.name} ${publication.listeners.count}`);
    }
    return names.sort();
  };
}

export function onPublish(client, publication) {
  if (!client.editor) {
    throw new Error('only editors publish');
  }
  if (client.streams > 0) {
    return [false, 'one stream at a time'];
  }
  client.streams++;
}

export function onUnpublish(client, publication) {
  client.streams--;
  INFO(publication.name, ' is over');
}

export function onSubscribe(client, listener) {
  return client.editor || !listener.publication.name.startsWith('private-');
}
