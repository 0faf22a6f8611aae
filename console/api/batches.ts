import * as z from 'zod/mini';
import {
  listedBatch,
  toldBatch,
  toldCommand,
  type BatchOrder,
  type BatchRequest,
  type ListedBatch,
  type ToldBatch,
  type ToldCommand,
} from '#broker/contract/batch.ts';
import { toHex } from '../format/hex.ts';
import { queryOf, type HubApi } from '../session/hub-api.ts';
import { answerOf } from '../session/request.ts';

const list = z.object({ batches: z.array(listedBatch) });
const commands = z.object({ commands: z.array(toldCommand), next: z.optional(z.string()) });

/** Commands in one answer. */
const PAGE = 5_000;

/** What a console asks for: the hub's defaults fill the rest. */
export type Asked = Partial<BatchOrder> & Pick<BatchOrder, 'selection'>;

/** Storing ten thousand commands may take its time, in ms. */
const PATIENCE_MS = 60_000;

/** Made here, so that asking again after a lost answer is asking once. */
const newId = (): string => toHex(crypto.getRandomValues(new Uint8Array(8)));

/** Begins a batch. @throws RequestError */
export async function beginBatch(api: HubApi, order: Asked): Promise<ToldBatch> {
  const body: Partial<BatchRequest> = { id: newId(), ...order };
  return answerOf(toldBatch, await api.ask('POST', '/api/batches', body, PATIENCE_MS));
}

/** The latest ones first. @param before Unix time in ms @throws RequestError */
export async function batchesBefore(api: HubApi, before: number, limit: number): Promise<ListedBatch[]> {
  const path = `/api/batches${queryOf({ before, limit })}`;
  return (await answerOf(list, await api.ask('GET', path))).batches;
}

/** @throws RequestError */
export const batchOf = async (api: HubApi, id: string): Promise<ToldBatch> =>
  answerOf(toldBatch, await api.ask('GET', `/api/batches/${id}`));

/** Every command of a batch, in the order of its devices' ids. @throws RequestError */
export async function commandsOf(api: HubApi, id: string): Promise<ToldCommand[]> {
  const all: ToldCommand[] = [];
  let after: string | undefined;
  do {
    const path = `/api/batches/${id}/commands${queryOf({ after, limit: PAGE })}`;
    const page = await answerOf(commands, await api.ask('GET', path, undefined, PATIENCE_MS));
    all.push(...page.commands);
    after = page.next;
  } while (after !== undefined);
  return all;
}

/** Ends what has not been sent yet. @throws RequestError */
export async function cancelBatch(api: HubApi, id: string): Promise<void> {
  await api.ask('POST', `/api/batches/${id}/cancel`);
}

/** Begins a batch for the devices on which this one did not end in done. @throws RequestError */
export const retryBatch = async (api: HubApi, id: string): Promise<ToldBatch> =>
  answerOf(toldBatch, await api.ask('POST', `/api/batches/${id}/retry`, { id: newId() }, PATIENCE_MS));
