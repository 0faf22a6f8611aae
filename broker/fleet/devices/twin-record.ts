import { AWAITED, desired, stateRecord, STATUS } from '#firmware-protocol';
import type { DeviceRecord } from '../../store/registry.ts';
import type { TwinRecord } from '../../store/twins.ts';
import type { Descriptions } from './description.ts';
import { newTwin, type Twin } from './twin.ts';

/** A twin as it is stored. */
export function toRecord(twin: Twin): TwinRecord {
  const {
    id,
    description,
    vals,
    t = 0,
    ver,
    dver,
    errs,
    want,
    wver,
    who,
    st,
    since,
    seenAt,
    statusPayload,
    statePayload,
  } = twin;
  return {
    device: id,
    desc: description?.payload ?? null,
    reported: stateRecord.encode({
      t,
      vals,
      ...(ver !== undefined && { ver }),
      ...(dver !== undefined && { dver }),
      ...(errs && { errs }),
    }),
    statusPayload: statusPayload ?? null,
    statePayload: statePayload ?? null,
    desired: want ? desired.encode({ vals: want, ver: wver }) : null,
    who: who ?? null,
    st,
    since: since ?? null,
    seenAt: seenAt ?? null,
  };
}

/** A stored twin. A device that was there when the hub stopped is awaited: nobody knows yet whether it still is. */
export function fromRecord(device: DeviceRecord, record: TwinRecord | undefined, known: Descriptions): Twin {
  const twin = newTwin(device);
  if (!record) return twin;
  const { desc, reported, who, st, since, seenAt, statusPayload, statePayload } = record;
  const wish = record.desired && desired.decode(record.desired);
  const wasThere = st === STATUS.online || st === STATUS.updating || st === AWAITED;
  return {
    ...twin,
    ...(desc && { description: known.learn(desc) }),
    ...(reported && reportedFields(reported)),
    ...(wish && { want: wish.vals, wver: wish.ver }),
    ...(who !== null && { who }),
    st: wasThere ? AWAITED : st,
    ...(since !== null && { since }),
    ...(seenAt !== null && { seenAt }),
    ...(statusPayload && { statusPayload }),
    ...(statePayload && { statePayload }),
  };
}

function reportedFields(payload: Uint8Array): Partial<Twin> {
  const { vals, t, ver, dver, errs } = stateRecord.decode(payload);
  return {
    vals,
    ...(ver !== undefined && { ver }),
    ...(t > 0 && { t }),
    ...(dver !== undefined && { dver }),
    ...(errs && { errs }),
  };
}
