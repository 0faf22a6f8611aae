/* global Paho */
/**
 * paho-mqtt for browsers, driven by calls of `ask` with a request; answers and messages go to `hear` in JSON, which
 * the test brings into the page.
 */

let client;

const say = (what) => globalThis.hear(JSON.stringify(what));

function received({ destinationName, payloadString, qos, retained }) {
  say({ message: { topic: destinationName, payload: payloadString, qos, retain: retained } });
}

function messageOf({ topic, payload, qos, retain = false }) {
  const message = new Paho.Message(payload);
  message.destinationName = topic;
  message.qos = qos;
  message.retained = retain;
  return message;
}

/** A function of the client's that calls back, as a promise. */
const calledBack = (call) =>
  new Promise((onSuccess, reject) =>
    call({ onSuccess, onFailure: ({ errorMessage }) => reject(new Error(errorMessage)) }),
  );

/** What resolves when a message is delivered, by the message. */
const delivered = new Map();
/** Resolves when the connection has ended. */
let closed;

const deeds = {
  connect({ clientId, clean, will, url, username, password }) {
    client = new Paho.Client(url, clientId);
    client.onMessageArrived = received;
    client.onMessageDelivered = (message) => {
      delivered.get(message)?.();
      delivered.delete(message);
    };
    closed = new Promise((resolve) => (client.onConnectionLost = resolve));
    return calledBack((callbacks) =>
      client.connect({
        ...{ userName: username, password, mqttVersion: 4, cleanSession: clean, keepAliveInterval: 30 },
        ...(will && { willMessage: messageOf(will) }),
        ...callbacks,
      }),
    );
  },
  subscribe: ({ filter, qos }) => calledBack((callbacks) => client.subscribe(filter, { qos, ...callbacks })),
  unsubscribe: ({ filter }) => calledBack((callbacks) => client.unsubscribe(filter, callbacks)),
  publish: (request) =>
    new Promise((resolve) => {
      const message = messageOf(request);
      delivered.set(message, resolve);
      client.send(message);
    }),
  disconnect() {
    client.disconnect();
    return closed;
  },
};

globalThis.ask = ({ n, do: what, ...details }) => {
  Promise.resolve()
    .then(() => deeds[what](details))
    .then(
      () => say({ n }),
      (error) => say({ n, error: error.message }),
    );
};
