// A switch for the recorder: whoever publishes may record what it publishes.
export function onConnection(client) {
  client.publishing = {};

  client.record = async (name, on) => {
    if (!client.publishing[name]) {
      throw new Error('you do not publish ' + name);
    }
    return await cumulus.record(name, on);
  };
}

export function onPublish(client, publication) {
  client.publishing[publication.name] = true;
}

export function onUnpublish(client, publication) {
  delete client.publishing[publication.name];
}
