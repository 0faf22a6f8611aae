import { HubProcess } from '../support/processes.ts';
import { RawClient } from '../support/raw-client.ts';
import mqttPacket from 'mqtt-packet';
export const FLAGS = ['--expose-gc', '--import', './test/fuzz/inside-hub.ts'];
export async function setup(id = 'svc') {
  const hub = await HubProcess.start({ flags: FLAGS });
  const { body } = await hub.api<{ token: string }>('POST', '/services', {
    id,
    publish: ['#'],
    subscribe: ['#'],
  });
  const cred = { username: `@${id}`, password: Buffer.from(body.token) };
  const measure = async () => {
    const m: any = await hub.ask({ type: 'measure' });
    return `turn ${m.longestTurn.toFixed(0)} ms, delay ${m.longestDelay.toFixed(0)} ms, heap ${(m.heap / 1e6).toFixed(1)} ext ${(m.external / 1e6).toFixed(1)} rss ${(m.rss / 1e6).toFixed(0)}`;
  };
  return { hub, cred, measure };
}
export { RawClient, mqttPacket };
export const sleep = (ms: number) => new Promise((r) => setTimeout(r, ms));
