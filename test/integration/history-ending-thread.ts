import { parentPort } from 'node:worker_threads';
import '#broker/history/thread.ts';
import type { ToThread } from '#broker/history/thread-messages.ts';

/** The history's thread, which dies of a query for thirteen points. */
parentPort?.on('message', (message: ToThread) => {
  if (message.kind === 'ask' && message.question.kind === 'query' && message.question.points === 13) {
    throw new Error('thirteen');
  }
});
