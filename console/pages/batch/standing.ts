import { countOutcomes, type Batch } from '../../fleet/batch.ts';
import { batchesText } from '../../text/batches-text.ts';
import { text } from '../../text/text.ts';

/** How a batch stands: in words, and whether that is good. One that is over says what did not go well. */
export interface Standing {
  readonly words: string;
  readonly tone: 'running' | 'good' | 'mixed' | 'stopped' | 'plain';
}

const TONE = { running: 'running', done: 'good', stopped: 'stopped', cancelled: 'plain' } as const;

export function standingOf({ state, tally }: Pick<Batch, 'state' | 'tally'>): Standing {
  const counts = countOutcomes(tally);
  const wrong = (['failed', 'unclear'] as const).filter((outcome) => counts[outcome] > 0);
  if (state === 'running' || wrong.length === 0)
    return { words: batchesText.state[state], tone: TONE[state] };
  const told = wrong.map((outcome) => batchesText.among[outcome](text.count(counts[outcome])));
  return {
    words: [batchesText.state[state], ...told].join(', '),
    tone: state === 'done' ? 'mixed' : TONE[state],
  };
}
