import { once, EventEmitter } from 'node:events';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Certificates } from '#broker/tls/certificates.ts';
import { keepFresh } from '#broker/tls/keep-fresh.ts';
import { TestLog } from '../../../support/hub.ts';

const certificates = (cert: string): Certificates => ({ cert, key: 'key', names: [] });

/** Looks every ms; each look waits for the test to answer it. */
function looking() {
  const log = new TestLog();
  const heard: string[] = [];
  const looks = new EventEmitter();
  const waiting: PromiseWithResolvers<Certificates | undefined>[] = [];
  const end = keepFresh({
    source: {
      every: 60_000,
      load: () => Promise.reject(new Error('not asked for')),
      newer: () => {
        const answer = Promise.withResolvers<Certificates | undefined>();
        waiting.push(answer);
        looks.emit('look');
        return answer.promise;
      },
    },
    onNewer: ({ cert }) => heard.push(cert),
    now: () => 0,
    log,
    every: 1,
  });
  onTestFinished(end);
  return { log, heard, looks, waiting, end };
}

test('what is newer is told, and a look that fails is told and followed by another', async () => {
  const { log, heard, looks, waiting, end } = looking();
  const answers = [undefined, certificates('a'), new Error('the disk is full'), certificates('b'), undefined];
  for (const answer of answers) {
    await once(looks, 'look');
    const look = waiting.pop();
    if (answer instanceof Error) look?.reject(answer);
    else look?.resolve(answer);
  }
  await end();
  expect(heard).toEqual(['a', 'b']);
  expect(log.lines).toEqual([expect.stringMatching(/could not be renewed; .* the disk is full$/)]);
});

test('there is one look at a time, and its end waits for it and then tells nothing', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { heard, waiting, end } = looking();
  vi.advanceTimersByTime(100);
  expect(waiting).toHaveLength(1);
  const ended = end();
  waiting[0]?.resolve(certificates('a'));
  await ended;
  expect(heard).toEqual([]);
});
