// RPC: gives back what it is given, and asks the client in turn.
export function onConnection(client, name) {
  client.name = name;

  client.echo = value => value;

  client.sum = (...numbers) => numbers.reduce((sum, number) => sum + number, 0);

  client.whoAmI = function () {
    return this.name;
  };

  client.ask = async question => {
    try {
      return question + ' ' + await client.call('answer', question);
    } catch (why) {
      throw new Error('no answer: ' + why.message);
    }
  };

  client.fail = () => {
    throw new Error('this always fails');
  };

  return { greeting: 'hello ' + name };
}
