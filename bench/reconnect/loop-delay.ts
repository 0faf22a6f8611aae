import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

/**
 * Preloaded by a hub (`node --import`), it prints, upon SIGUSR2, for how long the event loop was late at most since it was
 * last asked, in ms.
 */

/** In ms; a part of every value that the histogram has. */
const RESOLUTION = 5;

if (isMainThread) {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION });
  histogram.enable();
  process.on('SIGUSR2', () => {
    const late = Math.max(0, histogram.max / 1e6 - RESOLUTION);
    process.stdout.write(`event loop late by ${late.toFixed(1)} ms\n`);
    histogram.reset();
  });
}
