import { mqttUrl } from './hub-address.ts';
import { keyFile, SECRET_PLACE, type Target } from './target.ts';

const importsFor = ({ hub, proof }: Target): string => {
  const files = hub.secure || proof.kind === 'key' ? "import { readFileSync } from 'node:fs';\n" : '';
  const crypto = proof.kind === 'key' ? 'randomInt, sign' : 'randomInt';
  return `${files}import { ${crypto} } from 'node:crypto';`;
};

/** How what is signed is encoded is part of the algorithm (RFC 7518 §3.4, RFC 8037 §3.1). */
const SIGN = {
  ES256: "sign('sha256', signed, { key, dsaEncoding: 'ieee-p1363' })",
  EdDSA: 'sign(null, signed, key)',
} as const;

const tokenFor = ({ proof, device }: Target): string =>
  proof.kind === 'secret'
    ? ''
    : `
const key = readFileSync('${keyFile(device)}');
const token = () => { // one for each link, signed with the device's own key
  const now = Math.floor(Date.now() / 1000);
  const claims = { sub: \`\${tenant}/\${device}\`, aud: 'switchyard', iat: now, exp: now + 43_200 };
  const parts = [{ alg: '${proof.algorithm}' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  const signed = Buffer.from(parts.join('.'));
  return \`\${signed}.\${${SIGN[proof.algorithm]}.toString('base64url')}\`;
};
`;

const passwordFor = ({ proof }: Target): string =>
  proof.kind === 'secret' ? `'${proof.secret ?? SECRET_PLACE}'` : 'token()';

const renewalFor = ({ proof }: Target): string =>
  proof.kind === 'secret' ? '' : "client.on('reconnect', () => (client.options.password = token()));\n";

const trustFor = ({ hub }: Target): string =>
  hub.secure ? "\n  ca: readFileSync('ca.pem'), // the authority of this hub" : '';

export const nodeProgram = (target: Target): string => `// npm install mqtt cborg, then: node lamp.mjs
${importsFor(target)}
import { decode, encode } from 'cborg';
import mqtt from 'mqtt';

const [tenant, device] = ['${target.tenant}', '${target.device}'];
const topic = \`iot/1/\${tenant}/\${device}\`;
const boot = randomInt(2 ** 32);
let [seq, on, ver] = [0, false, randomInt(2 ** 32)];
${tokenFor(target)}
const client = mqtt.connect('${mqttUrl(target.hub)}', {
  clientId: device,
  username: \`\${tenant}/\${device}\`,
  password: ${passwordFor(target)},${trustFor(target)}
  reconnectOnConnackError: true, // what is refused now may be let in later
});
client.on('error', ({ message }) => console.error(message));
${renewalFor(target)}
const map = (message) => new Map(Object.entries(message).map(([key, value]) => [Number(key), value]));
const up = (channel, message, retain = false) =>
  client.publish(\`\${topic}/up/\${channel}\`, encode(map(message)), { qos: 1, retain });
const report = (channel, more = {}, retain = false) => // boot, seq, t, vals, ver
  up(channel, { 1: boot, 2: ++seq, 3: 0, 4: map({ 1: on }), 5: ver, ...more }, retain);

client.on('connect', () => {
  console.log('connected');
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
`;
