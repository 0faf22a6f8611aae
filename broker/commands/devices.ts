import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { isId } from '#firmware-protocol';
import { registerDevices } from '../auth/devices.ts';
import { StartError } from '../config/start-error.ts';
import { audit } from './audit.ts';
import type { CommandContext } from './open-store.ts';

const label = z.string().max(80);

/** A device to be registered. */
const newDevice = z.strictObject({
  id: z
    .string()
    .refine(isId, { error: 'must be 1 to 32 of a–z, 0–9, "_" and "-", beginning with a letter or digit' }),
  name: label.optional(),
  place: label.optional(),
  tags: z.array(label.min(1)).max(32).optional(),
  /** PEM of its own public key, in place of a secret. */
  publicKey: z.string().optional(),
  /** For whoever reads the credentials, as the simulator does: the hub does not keep it. */
  kind: label.optional(),
});

const FIELDS = Object.keys(newDevice.shape);

export type NewDevice = z.infer<typeof newDevice>;

/** What devices need to connect: `device-sim` reads this, and so can any other tool. */
export interface CredentialsFile {
  readonly tenant: string;
  readonly devices: readonly { readonly id: string; readonly secret?: string; readonly kind?: string }[];
}

/**
 * Registers devices, none where an id is bad or taken, and returns their credentials, which are not kept and cannot
 * be shown again.
 * @throws StartError where an id is bad, RequestFault where one is taken
 */
export async function createDevices(
  { store, keys, settings }: CommandContext,
  requested: readonly unknown[],
  now: number,
): Promise<CredentialsFile> {
  const devices = requested.map(checkDevice);
  const ids = new Set(devices.map(({ id }) => id));
  if (ids.size < devices.length)
    throw new StartError('an id is given twice', 'give every device an id of its own');
  const { tenant } = settings;
  const issued = await registerDevices(
    { store, keys, tenant },
    devices.map(({ kind: _kind, ...request }) => request),
    now,
  );
  await audit(store, 'device.create', [...ids], now);
  return {
    tenant,
    devices: issued.map(({ id, secret }, at) => {
      const { kind } = devices[at] ?? {};
      return { id, ...(secret !== undefined && { secret }), ...(kind !== undefined && { kind }) };
    }),
  };
}

/** Reads a JSON list of devices. @throws StartError naming the file and what is wrong in it */
export function readDeviceList(file: string): unknown[] {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new StartError(
      `cannot read ${file} (${(error as Error).message})`,
      'name a file with a JSON list of devices',
    );
  }
  if (!Array.isArray(content)) {
    throw new StartError(
      `${file} is not a JSON list`,
      'write it as [{"id": "kitchen-lamp", "name": "Kitchen lamp"}, …]',
    );
  }
  return content;
}

/** Removes a device and all that is kept of it; a running hub ends its link within a second. */
export async function removeDevice({ store }: CommandContext, id: string, now: number): Promise<void> {
  if (!(await store.removeDevice(id))) {
    throw new StartError(`there is no device ${id}`, '"device list" shows those that there are');
  }
  await audit(store, 'device.remove', [id], now);
}

function checkDevice(candidate: unknown, at: number): NewDevice {
  const result = newDevice.safeParse(candidate);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const id = (candidate as { id?: unknown } | null)?.id;
  const fault =
    issue?.code === 'unrecognized_keys'
      ? `there is no field ${issue.keys.map((key) => `"${key}"`).join(', ')}, only ${FIELDS.join(', ')}`
      : `${issue?.path.join('.')} ${issue?.message}`;
  throw new StartError(
    `device ${typeof id === 'string' ? `"${id}"` : `number ${at + 1}`}: ${fault}`,
    'mend it and try again; no device was created',
  );
}
