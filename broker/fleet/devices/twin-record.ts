import { desired, stateRecord, STATUS } from '#firmware-protocol';
import type { DeviceRecord, TwinRecord } from '../../store/store.ts';
import type { Descriptions } from './description.ts';
import { newTwin, type Twin } from './twin.ts';

/** A twin as it is stored. */
export function toRecord(twin: Twin): TwinRecord {
  const {
    id,
    description,
    vals,
    boot = 0,
    t = 0,
    ver = 0,
    dver,
    errs,
    want,
    wver,
    who,
    st,
    since,
    seenAt,
  } = twin;
  return {
    device: id,
    desc: description?.payload ?? null,
    reported: stateRecord.encode({
      boot,
      seq: 0,
      t,
      vals,
      ver,
      ...(dver !== undefined && { dver }),
      ...(errs && { errs }),
    }),
    desired: want ? desired.encode({ vals: want, ver: wver }) : null,
    who: who ?? null,
    st,
    since: since ?? null,
    seenAt: seenAt ?? null,
  };
}

/** A stored twin. A device that was online when the hub stopped is not known to be: it counts as lost. */
export function fromRecord(device: DeviceRecord, record: TwinRecord | undefined, known: Descriptions): Twin {
  const twin = newTwin(device);
  if (!record) return twin;
  const { desc, reported, who, st, since, seenAt } = record;
  const wish = record.desired && desired.decode(record.desired);
  const wasThere = st === STATUS.online || st === STATUS.updating;
  const lastKnown = wasThere ? seenAt : since;
  return {
    ...twin,
    ...(desc && { description: known.learn(desc) }),
    ...(reported && reportedFields(reported)),
    ...(wish && { want: wish.vals, wver: wish.ver }),
    ...(who !== null && { who }),
    st: wasThere ? STATUS.lost : st,
    ...(lastKnown !== null && { since: lastKnown }),
    ...(seenAt !== null && { seenAt }),
  };
}

function reportedFields(payload: Uint8Array): Partial<Twin> {
  const { vals, t, ver, dver, errs } = stateRecord.decode(payload);
  return {
    vals,
    ver,
    ...(t > 0 && { t }),
    ...(dver !== undefined && { dver }),
    ...(errs && { errs }),
  };
}
