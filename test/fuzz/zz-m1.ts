import { setup, RawClient } from './zz-measure.ts';
const N = Number(process.argv[2] ?? 10000),
  F = Number(process.argv[3] ?? 200);
const { hub, cred, measure } = await setup();
try {
  const pub = await RawClient.connect(hub as any, { ...cred, clientId: 'pub' });
  for (let i = 0; i < N; i += 500) {
    for (let j = i; j < i + 500 && j < N; j++)
      pub.send({ cmd: 'publish', topic: `r/${j}/a/b/c`, payload: 'x', qos: 0, retain: true, dup: false });
    await pub.settled();
  }
  console.log('retained', N, await measure());
  const sub = await RawClient.connect(hub as any, { ...cred, clientId: 'sub' });
  const subscriptions = Array.from({ length: F }, (_, k) => {
    const bits = [...(k + 64).toString(2).slice(-5)];
    return { topic: k === 0 ? '#' : `${'+/'.repeat(k % 5)}#${''}`, qos: 0 as const };
  });
  // distinct filters that all match: mask of + on 5 levels plus unrelated names
  const levels = ['r', null, 'a', 'b', 'c'];
  const filters = [
    '#',
    ...Array.from({ length: F - 1 }, (_, k) => `r/+/+/+/x${k}`),
    'r/#',
    '+/+/a/b/c',
    'r/+/a/b/c',
  ].slice(0);
  sub.send({
    cmd: 'subscribe',
    messageId: 1,
    subscriptions: filters.map((topic) => ({ topic, qos: 0 as const })),
  });
  const t = Date.now();
  await Promise.race([
    (async () => {
      await sub.until((p) => (p.filter((x) => x.cmd === 'publish').length >= N ? true : undefined));
      await sub.settled();
    })(),
    new Promise((r) => setTimeout(r, 60000)),
  ]);
  await pub.settled();
  console.log('all retained in', Date.now() - t, 'ms;', await measure());
} finally {
  await hub.kill();
  hub.remove();
}
