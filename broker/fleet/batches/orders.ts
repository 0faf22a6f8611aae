import {
  argumentViolation,
  CODE,
  FLAG,
  hasFlag,
  propertyLabel,
  ProtocolError,
  rqCmd,
  rqDesired,
  writeViolations,
  type Description,
  type Property,
  type Value,
  type Values,
} from '#firmware-protocol';
import type { BatchOrder, Written } from '../../contract/batch.ts';
import { standingOf, type DeviceView } from '../selection/device-view.ts';
import { carried } from '../text.ts';
import type { Order } from './ports.ts';
import { allowed, fromWritten, type WrittenFault } from './written.ts';

/** What an order means for all devices of one description. */
type Meaning =
  | { readonly vals: Values; readonly persistent: boolean }
  | { readonly op: number; readonly args?: readonly Value[] }
  | WrittenFault;

const UNDESCRIBED: WrittenFault = {
  code: CODE.unavailable,
  msg: 'the device has not described itself yet',
};
const AWAY: WrittenFault = { code: CODE.unavailable, msg: 'the device is offline' };

/**
 * What an order asks of each device. Keys and values are read by each device's own description, once for all that
 * share it.
 * @param newId makes the id of a command
 */
export function ordersFor(
  order: BatchOrder,
  devices: readonly DeviceView[],
  newId: () => Uint8Array,
): Order[] {
  const meanings = new Map<Description, Meaning>();
  return devices.map((device) => orderFor(order, device, meanings, newId()));
}

function orderFor(
  order: BatchOrder,
  device: DeviceView,
  meanings: Map<Description, Meaning>,
  id: Uint8Array,
): Order {
  const refused = (refusal: WrittenFault): Order => ({
    device: device.id,
    id,
    refusal: { ...refusal, msg: carried(refusal.msg) },
  });
  const description = device.description?.value;
  if (!description) return refused(UNDESCRIBED);
  let meaning = meanings.get(description);
  if (!meaning) meanings.set(description, (meaning = fitting(order, meaningOf(order, description), id)));
  if ('code' in meaning) return refused(meaning);
  const { ttl, wait } = order;
  if ('op' in meaning) return { device: device.id, request: { id, ...meaning, ttl, wait } };
  const { vals, persistent } = meaning;
  if (!persistent) return { device: device.id, request: { id, vals, ttl, wait } };
  // A wish has no end that could let it pass: one that may not wait must not be stored.
  return wait || standingOf(device) !== 'away' ? { device: device.id, wish: { id, vals } } : refused(AWAY);
}

/** Where a message cannot carry all of it, nobody can do it. */
function fitting({ ttl, wait }: BatchOrder, meaning: Meaning, id: Uint8Array): Meaning {
  if ('code' in meaning) return meaning;
  try {
    if ('op' in meaning) rqCmd.encode({ id, ...meaning, ttl, wait });
    else if (meaning.persistent) rqDesired.encode({ id, vals: meaning.vals });
    else rqCmd.encode({ id, vals: meaning.vals, ttl, wait });
    return meaning;
  } catch (error) {
    if (error instanceof ProtocolError) return { code: CODE.range, msg: error.message };
    throw error;
  }
}

function meaningOf({ set, run }: BatchOrder, description: Description): Meaning {
  return set ? writing(set, description) : running(run?.action ?? '', run?.args ?? [], description);
}

function writing(set: Readonly<Record<string, Written>>, description: Description): Meaning {
  const vals = new Map<number, Value>();
  const written: Property[] = [];
  for (const [key, value] of Object.entries(set)) {
    const property = description.props.find((candidate) => candidate.key === key);
    if (!property) return { code: CODE.notFound, msg: `the device has no property "${key}"` };
    if (!hasFlag(property, FLAG.writable)) {
      return { code: CODE.invalid, msg: `${propertyLabel(property)} cannot be written` };
    }
    const wire = fromWritten(property, value);
    if ('code' in wire) return wire;
    vals.set(property.pid, wire.value);
    written.push(property);
  }
  const lasting = written.filter((property) => hasFlag(property, FLAG.persistent));
  if (lasting.length > 0 && lasting.length < written.length) {
    const msg = `${lasting.map(propertyLabel).join(', ')} lasts and the others do not: write them one after the other`;
    return { code: CODE.invalid, msg };
  }
  const persistent = lasting.length > 0;
  const [violation] = writeViolations(description, vals, persistent ? 'desired' : 'cmd');
  if (!violation) return { vals, persistent };
  const broken = written.find(({ pid }) => pid === violation.pid);
  return { code: violation.code, msg: broken ? asWritten(broken, set[broken.key]) : violation.reason };
}

function running(key: string, args: readonly Written[], description: Description): Meaning {
  const action = description.acts?.find((candidate) => candidate.key === key);
  if (!action) return { code: CODE.unimplemented, msg: `the device has no action "${key}"` };
  const { params = [] } = action;
  const values: Value[] = [];
  for (const [index, param] of params.slice(0, args.length).entries()) {
    const wire = fromWritten(param, args[index] as Written);
    if ('code' in wire) return wire;
    values.push(wire.value);
  }
  const surplus = args.slice(params.length).map(() => null);
  const violation = argumentViolation(action, [...values, ...surplus]);
  if (!violation) return values.length > 0 ? { op: action.pid, args: values } : { op: action.pid };
  const at = params.findIndex(({ pid }) => pid === violation.pid);
  const broken = args.length === params.length ? params[at] : undefined;
  return { code: violation.code, msg: broken ? asWritten(broken, args[at]) : violation.reason };
}

/** The same fault in the units in which it was written. */
const asWritten = (property: Property, value: Written | undefined): string =>
  `${propertyLabel(property)} takes ${allowed(property)}, not ${JSON.stringify(value)}`;
