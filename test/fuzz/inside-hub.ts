import { monitorEventLoopDelay } from 'node:perf_hooks';
import { QUESTION, type Measured } from './measured.ts';

/**
 * Loaded into the hub's process before the hub (`node --expose-gc --import …`): it measures there, and tells by the IPC
 * channel when it is asked.
 */

/** How often the length of turns is looked at, in ms. */
const EVERY_MS = 10;

const delay = monitorEventLoopDelay({ resolution: EVERY_MS });
delay.enable();
let longestTurn = 0;
let cpu = process.threadCpuUsage();
setInterval(() => {
  const { user, system } = process.threadCpuUsage(cpu);
  cpu = process.threadCpuUsage();
  longestTurn = Math.max(longestTurn, (user + system) / 1_000);
}, EVERY_MS).unref();

function measure(): Measured {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed: heap, external, rss } = process.memoryUsage();
  const measured = { heap, external, rss, longestDelay: delay.max / 1e6, longestTurn };
  delay.reset();
  longestTurn = 0;
  cpu = process.threadCpuUsage();
  return measured;
}

process.on('message', (message: { type?: unknown }) => {
  if (message.type === QUESTION.type) process.send?.(measure());
});
// A hub that cannot start has to end all the same.
process.channel?.unref();
