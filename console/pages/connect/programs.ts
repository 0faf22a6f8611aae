/** Where a program is to connect, and as which device. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly tenant: string;
  readonly device: string;
}

/** Where the console itself came from is where devices connect, too. */
export function targetOf(
  { hostname, port, protocol }: Pick<Location, 'hostname' | 'port' | 'protocol'>,
  tenant: string,
  device: string,
): Target {
  const secure = protocol === 'https:';
  return { host: hostname, port: Number(port) || (secure ? 443 : 80), secure, tenant, device };
}

export const LANGUAGES = ['Python', 'Node'] as const;
export type Language = (typeof LANGUAGES)[number];

/*
 * Whole devices, as short as the protocol allows: a lamp that describes itself, reports its state, and answers
 * commands. Integer keys are those of the protocol's registry.
 */
const PROGRAMS: Readonly<Record<Language, (target: Target) => string>> = {
  Python: ({ host, port, secure, tenant, device }) => `# pip install paho-mqtt cbor2
import secrets, cbor2, paho.mqtt.client as mqtt

TENANT, DEVICE, SECRET = "${tenant}", "${device}", "paste the secret here"
TOPIC, BOOT = f"iot/1/{TENANT}/{DEVICE}", secrets.randbits(32)
seq, on, ver = 0, False, secrets.randbits(32)

def up(channel, message, retain=False):
    client.publish(f"{TOPIC}/up/{channel}", cbor2.dumps(message, canonical=True), 1, retain)

def report(channel, more={}, retain=False):  # boot, seq, t, vals, ver
    global seq
    seq += 1
    up(channel, {1: BOOT, 2: seq, 3: 0, 4: {1: on}, 5: ver, **more}, retain)

def on_connect(client, *_):
    client.subscribe(f"{TOPIC}/dn/#", 1)
    up("status", {1: BOOT, 10: 1, 20: 1}, True)  # online
    power = {30: 1, 31: "power", 32: 0, 33: 1, 34: "Power"}  # a switch that can be written
    up("desc", {22: [1, 0], 23: "Lamp", 24: "1.0", 25: [power]}, True)
    report("state", retain=True)

def on_message(client, _, message):
    global on, ver
    if not message.topic.endswith("/dn/cmd"): return
    command = cbor2.loads(message.payload)
    on, ver = command.get(4, {}).get(1, on), (ver + 1) % 2**32
    print("lamp is", "on" if on else "off")
    report("ack", {6: command[6], 10: 3})  # done
    report("state", retain=True)

client = mqtt.Client(client_id=DEVICE, transport="websockets", protocol=mqtt.MQTTv311)
client.on_connect, client.on_message = on_connect, on_message
client.username_pw_set(f"{TENANT}/{DEVICE}", SECRET)
client.ws_set_options("/mqtt")
${secure ? 'client.tls_set("data/ca.pem")  # the CA of this hub, from its data folder\n' : ''}client.connect("${host}", ${port})
client.loop_forever()
`,
  Node: ({ host, port, secure, tenant, device }) => `// npm install mqtt cborg, then: node lamp.mjs
${secure ? "import { readFileSync } from 'node:fs';\n" : ''}import { randomInt } from 'node:crypto';
import { decode, encode } from 'cborg';
import mqtt from 'mqtt';

const [tenant, device, secret] = ['${tenant}', '${device}', 'paste the secret here'];
const topic = \`iot/1/\${tenant}/\${device}\`;
const boot = randomInt(2 ** 32);
let [seq, on, ver] = [0, false, randomInt(2 ** 32)];

const client = mqtt.connect('${secure ? 'wss' : 'ws'}://${host}:${port}/mqtt', {
  clientId: device,
  username: \`\${tenant}/\${device}\`,
  password: secret,${secure ? "\n  ca: readFileSync('data/ca.pem'), // the CA of this hub, from its data folder" : ''}
});

const map = (message) => new Map(Object.entries(message).map(([key, value]) => [Number(key), value]));
const up = (channel, message, retain = false) =>
  client.publish(\`\${topic}/up/\${channel}\`, encode(map(message)), { qos: 1, retain });
const report = (channel, more = {}, retain = false) => // boot, seq, t, vals, ver
  up(channel, { 1: boot, 2: ++seq, 3: 0, 4: map({ 1: on }), 5: ver, ...more }, retain);

client.on('connect', () => {
  client.subscribe(\`\${topic}/dn/#\`, { qos: 1 });
  up('status', { 1: boot, 10: 1, 20: 1 }, true); // online
  const power = map({ 30: 1, 31: 'power', 32: 0, 33: 1, 34: 'Power' }); // a switch that can be written
  up('desc', { 22: [1, 0], 23: 'Lamp', 24: '1.0', 25: [power] }, true);
  report('state', {}, true);
});

client.on('message', (name, payload) => {
  if (!name.endsWith('/dn/cmd')) return;
  const command = decode(payload, { useMaps: true });
  on = command.get(4)?.get(1) ?? on;
  ver = (ver + 1) % 2 ** 32;
  console.log('lamp is', on ? 'on' : 'off');
  report('ack', { 6: command.get(6), 10: 3 }); // done
  report('state', {}, true);
});
`,
};

/** A program in a language that is one device. */
export const program = (language: Language, target: Target): string => PROGRAMS[language](target);
