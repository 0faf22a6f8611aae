import { CODE } from '#firmware-protocol';
import type { BatchOrder } from '../../contract/batch.ts';
import { RequestFault } from '../../contract/request-fault.ts';
import type { Devices } from '../selection/device-view.ts';
import { select, type GroupLookup } from '../selection/select.ts';
import { ordersFor } from './orders.ts';
import type { Order } from './ports.ts';

/** Most devices of one batch. */
export const MOST_DEVICES = 20_000;

/** What a batch is to do: an order for each device, and whose can be carried out, in the order of their turns. */
export interface Plan {
  readonly orders: readonly Order[];
  readonly queue: readonly string[];
}

/** @throws RequestFault where it is for nobody, for somebody who is not there, for too many, or none can do it */
export function planOf(
  order: BatchOrder,
  devices: Devices,
  group: GroupLookup,
  newId: () => Uint8Array,
): Plan {
  const selected = select(order.selection, devices, group);
  if (selected.length > MOST_DEVICES) {
    const msg = `selection: ${selected.length} devices are more than the ${MOST_DEVICES} that a batch may have`;
    throw new RequestFault('invalid', msg);
  }
  const orders = ordersFor(order, selected, newId);
  refuseWhatNobodyCanDo(orders);
  return { orders, queue: orders.filter((each) => !('refusal' in each)).map(({ device }) => device) };
}

/** A device that is away, or has not described itself, may be able to some time: the request is not at fault for it. */
function refuseWhatNobodyCanDo(orders: readonly Order[]): void {
  const refusals = orders.flatMap((each) => ('refusal' in each ? [each.refusal] : []));
  const fault = refusals.find(({ code }) => code !== CODE.unavailable);
  if (!fault || refusals.length < orders.length) return;
  const n = orders.length;
  throw new RequestFault(
    'invalid',
    `${fault.msg} (${n === 1 ? '1 device' : `${n} devices`}, none can do it)`,
  );
}
