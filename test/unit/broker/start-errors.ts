import { expect } from 'vitest';
import { StartError } from '#broker/config/start-error.ts';

/** The StartError that this ends in: its problem and its remedy. */
export async function startErrorOf(attempt: () => unknown): Promise<{ problem: string; remedy: string }> {
  let outcome: unknown;
  try {
    outcome = await attempt();
  } catch (error) {
    outcome = error;
  }
  expect(outcome).toBeInstanceOf(StartError);
  const { message, remedy } = outcome as StartError;
  return { problem: message, remedy };
}
