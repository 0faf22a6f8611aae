import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { registerDevices, removeDevice as removeRegistered } from '../auth/devices.ts';
import { StartError } from '../config/start-error.ts';
import { publicKey } from '../contract/credential.ts';
import { id } from '../contract/id.ts';
import { labels } from '../contract/labels.ts';
import { wording } from '../contract/wording.ts';
import { audit } from './audit.ts';
import type { CommandContext } from './open-store.ts';

/** A device to be registered. */
const newDevice = z.strictObject({
  id,
  ...labels.shape,
  publicKey: z.optional(publicKey),
  /** For whoever reads the credentials, as the simulator does: the hub does not keep it. */
  kind: z.optional(z.string().check(z.maxLength(80))),
});

const FIELDS = Object.keys(newDevice.shape);

export type NewDevice = z.infer<typeof newDevice>;

/** What devices need to connect: `device-sim` reads this, and so can any other tool. */
export interface CredentialsFile {
  readonly tenant: string;
  readonly devices: readonly {
    readonly id: string;
    /** Absent where the device has a key of its own. */
    readonly secret?: string | undefined;
    readonly kind?: string;
  }[];
}

/**
 * Registers devices, none where an id is bad or taken, and returns their credentials, which are not kept and cannot
 * be shown again.
 * @throws StartError where one is not as it must be, RequestFault where an id is taken
 */
export async function createDevices(
  context: CommandContext,
  requested: readonly unknown[],
  now: number,
): Promise<CredentialsFile> {
  const devices = requested.map(checkDevice);
  const ids = new Set(devices.map(({ id }) => id));
  if (ids.size < devices.length)
    throw new StartError('an id is given twice', 'give every device an id of its own');
  const issued = await registerDevices(
    context,
    devices.map(({ kind: _kind, ...request }) => request),
    now,
  );
  await audit(context.store, 'device.create', [...ids], now);
  return {
    tenant: context.tenant,
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
export async function removeDevice(context: CommandContext, device: string, now: number): Promise<void> {
  await removeRegistered(context, device);
  await audit(context.store, 'device.remove', [device], now);
}

function checkDevice(candidate: unknown, at: number): NewDevice {
  const result = newDevice.safeParse(candidate, wording);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const { id: named } = (candidate ?? {}) as { id?: unknown };
  const fault =
    issue?.code === 'unrecognized_keys'
      ? `there is no field ${issue.keys.map((key) => `"${key}"`).join(', ')}, only ${FIELDS.join(', ')}`
      : `${issue?.path.join('.')} ${issue?.message}`;
  throw new StartError(
    `device ${typeof named === 'string' ? `"${named}"` : `number ${at + 1}`}: ${fault}`,
    'mend it and try again; no device was created',
  );
}
