/** u8-mqtt, driven by requests in JSON on its input, a line each; answers and messages are on its output. */
import { createInterface } from 'node:readline';
import { mqtt_v4, mqtt_v5 } from 'u8-mqtt';

const { HUB_URL, HUB_USER, HUB_PASSWORD } = process.env;

let client;
/** Resolves when the socket of the connection is closed. */
let closed;

const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

function received(packet) {
  const { topic, qos, retain } = packet;
  say({ message: { topic, payload: packet.utf8(), qos, retain } });
}

/** What u8-mqtt resolves with: an answer, or that none came in time. */
function answered([packet, problem]) {
  if (problem !== undefined) throw new Error(problem);
  return packet;
}

const deeds = {
  async connect({ clientId, clean, will, protocolVersion }) {
    const socket = new WebSocket(HUB_URL, ['mqtt']);
    const opened = new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', ({ message, error }) => reject(error ?? new Error(message)));
    });
    closed = new Promise((resolve) => socket.addEventListener('close', resolve));
    client = { 4: mqtt_v4, 5: mqtt_v5 }[protocolVersion]().with({ log_conn: () => undefined });
    client.on_topic('#', received);
    client.with_websock(socket);
    await opened;
    const [packet] = await client.connect({
      client_id: clientId,
      username: HUB_USER,
      password: HUB_PASSWORD,
      flags: { clean_start: clean },
      ...(will && { will }),
    });
    return { present: Boolean(packet.flags.session_present) };
  },
  subscribe: async ({ filter, qos }) => void answered(await client.subscribe([[filter, { qos }]])),
  unsubscribe: async ({ filter }) => void answered(await client.unsubscribe([filter])),
  async publish({ topic, payload, qos, retain }) {
    const answer = await client.pub({ topic, payload, qos, retain });
    if (qos > 0) answered(answer);
  },
  async disconnect() {
    await client.disconnect();
    await closed;
  },
};

for await (const line of createInterface(process.stdin)) {
  const { n, do: what, ...details } = JSON.parse(line);
  // Not awaited: requests follow each other without waiting for answers.
  deeds[what](details).then(
    (answer) => say({ n, ...answer }),
    (error) => say({ n, error: error.message || String(error) }),
  );
}
