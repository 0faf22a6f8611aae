import { describeCommand } from '../controls/describe-command.ts';
import { describeOutcome } from '../controls/describe-state.ts';
import { wentWrong, type Command } from '../fleet/command.ts';
import type { DeviceEntry } from '../fleet/device-entry.svelte.ts';
import { text } from '../text/text.ts';

export interface Notice {
  readonly id: string;
  readonly subject: string;
  readonly message: string;
}

const SHOWN_MS = 8_000;
const MOST = 4;

/** What became of the operator's own commands: failures for the eye, every outcome for the ear. */
export class Notices {
  failures: readonly Notice[] = $state.raw([]);
  /** For a live region. */
  announcement = $state('');

  tellOutcome(command: Command, entry: DeviceEntry | undefined): void {
    const { id, device, stage, code, msg } = command;
    const subject = entry?.name ?? device;
    const what = describeCommand(command, entry?.description);
    const message = text.commands.outcome(what, describeOutcome(stage, code, msg));
    this.announcement = text.commands.outcome(subject, message);
    if (!wentWrong(command)) return;
    this.failures = [...this.failures, { id, subject, message }].slice(-MOST);
    setTimeout(() => this.dismiss(id), SHOWN_MS);
  }

  dismiss(id: string): void {
    this.failures = this.failures.filter((notice) => notice.id !== id);
  }
}
