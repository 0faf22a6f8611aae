/** Steps that bring an empty store up to today, in order. A step that was released is never changed. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE device (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    place TEXT NOT NULL,
    secretMac BLOB NOT NULL,
    createdAt INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE twin (
    device TEXT PRIMARY KEY REFERENCES device ON DELETE CASCADE,
    desc BLOB,
    reported BLOB,
    desired BLOB,
    who TEXT,
    st INTEGER NOT NULL,
    since INTEGER,
    seenAt INTEGER
  ) STRICT;

  CREATE TABLE command (
    device TEXT NOT NULL REFERENCES device ON DELETE CASCADE,
    id TEXT NOT NULL,
    who TEXT NOT NULL,
    request BLOB NOT NULL,
    st INTEGER NOT NULL,
    t INTEGER NOT NULL,
    createdAt INTEGER NOT NULL,
    exp INTEGER NOT NULL,
    boot INTEGER,
    code INTEGER,
    msg TEXT,
    PRIMARY KEY (device, id)
  ) STRICT;
  CREATE INDEX commandByState ON command (st);

  CREATE TABLE person (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    createdAt INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE signInCode (
    hash BLOB PRIMARY KEY,
    person TEXT NOT NULL REFERENCES person ON DELETE CASCADE,
    expiresAt INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE session (
    hash BLOB PRIMARY KEY,
    sid TEXT NOT NULL UNIQUE,
    person TEXT NOT NULL REFERENCES person ON DELETE CASCADE,
    createdAt INTEGER NOT NULL,
    expiresAt INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE device ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE twin ADD COLUMN statusPayload BLOB;
  ALTER TABLE twin ADD COLUMN statePayload BLOB;

  CREATE TABLE "group" (
    name TEXT PRIMARY KEY,
    selection TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE nextCommand (
    device TEXT NOT NULL REFERENCES device ON DELETE CASCADE,
    id TEXT NOT NULL,
    who TEXT NOT NULL,
    batch TEXT,
    request BLOB NOT NULL,
    wish INTEGER NOT NULL CHECK (wish IN (0, 1)),
    st INTEGER NOT NULL,
    t INTEGER NOT NULL,
    createdAt INTEGER NOT NULL,
    exp INTEGER,
    sentAt INTEGER,
    boot INTEGER,
    wver INTEGER,
    code INTEGER,
    msg TEXT,
    pct INTEGER,
    reported BLOB,
    ver INTEGER,
    steps TEXT NOT NULL,
    PRIMARY KEY (device, id)
  ) STRICT;
  INSERT INTO nextCommand (device, id, who, request, wish, st, t, createdAt, exp, sentAt, boot, code, msg, steps)
    SELECT device, id, who, request, 0, st, t, createdAt, exp, iif(boot IS NULL, NULL, createdAt), boot, code, msg,
      CASE
        WHEN msg IS NOT NULL THEN json_array(json_array(st, t, code, msg))
        WHEN code IS NOT NULL THEN json_array(json_array(st, t, code))
        ELSE json_array(json_array(st, t))
      END
    FROM command ORDER BY createdAt, rowid;
  DROP TABLE command;
  ALTER TABLE nextCommand RENAME TO command;
  CREATE INDEX commandByState ON command (st, t);
  CREATE INDEX commandByTime ON command (createdAt);
  CREATE INDEX commandByDevice ON command (device, createdAt);
  CREATE INDEX commandByBatch ON command (batch, st) WHERE batch IS NOT NULL;

  CREATE TABLE batch (
    id TEXT PRIMARY KEY,
    who TEXT NOT NULL,
    name TEXT NOT NULL,
    request TEXT NOT NULL,
    st INTEGER NOT NULL,
    t INTEGER NOT NULL,
    createdAt INTEGER NOT NULL,
    msg TEXT
  ) STRICT;
  CREATE INDEX batchByTime ON batch (createdAt);
  CREATE INDEX batchByStep ON batch (t);

  CREATE TABLE schedule (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    who TEXT NOT NULL,
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    plan TEXT NOT NULL,
    createdAt INTEGER NOT NULL,
    doneUntil INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE run (
    schedule TEXT NOT NULL REFERENCES schedule ON DELETE CASCADE,
    due INTEGER NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('started', 'missed', 'failed')),
    batch TEXT,
    msg TEXT
  ) STRICT;
  CREATE INDEX runBySchedule ON run (schedule, due);
  CREATE INDEX runByTime ON run (due);

  CREATE TABLE happening (
    device TEXT NOT NULL REFERENCES device ON DELETE CASCADE,
    t INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('presence', 'event')),
    data TEXT NOT NULL
  ) STRICT;
  CREATE INDEX happeningByDevice ON happening (device, t);
  CREATE INDEX happeningByTime ON happening (t);

  CREATE TABLE audit (
    t INTEGER NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
  ) STRICT;
  CREATE INDEX auditByTime ON audit (t);
  `,
  `
  DROP INDEX commandByBatch;
  CREATE INDEX commandByBatch ON command (batch, device, st) WHERE batch IS NOT NULL;
  `,
  `
  CREATE TABLE credential (
    device TEXT PRIMARY KEY REFERENCES device ON DELETE CASCADE,
    secretMac BLOB,
    publicKey TEXT,
    disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)),
    generation INTEGER NOT NULL,
    changedAt INTEGER NOT NULL,
    claim TEXT,
    model TEXT
  ) STRICT, WITHOUT ROWID;
  INSERT INTO credential SELECT id, secretMac, NULL, 0, 1, createdAt, NULL, NULL FROM device;
  ALTER TABLE device DROP COLUMN secretMac;

  CREATE TABLE service (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    tokenMac BLOB NOT NULL,
    publish TEXT NOT NULL,
    subscribe TEXT NOT NULL,
    role TEXT CHECK (role IN ('viewer', 'operator', 'admin')),
    expiresAt INTEGER,
    disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)),
    generation INTEGER NOT NULL,
    createdAt INTEGER NOT NULL,
    changedAt INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE claim (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    tokenMac BLOB NOT NULL,
    uses INTEGER NOT NULL,
    left INTEGER NOT NULL CHECK (left >= 0),
    expiresAt INTEGER NOT NULL,
    model TEXT,
    place TEXT NOT NULL,
    tags TEXT NOT NULL,
    createdAt INTEGER NOT NULL,
    createdBy TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  ALTER TABLE person ADD COLUMN password TEXT;
  -- Nothing but the command line has made any.
  ALTER TABLE signInCode ADD COLUMN createdBy TEXT NOT NULL DEFAULT '@hub';

  ALTER TABLE session ADD COLUMN renewedAt INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE session ADD COLUMN address TEXT NOT NULL DEFAULT '';
  ALTER TABLE session ADD COLUMN agent TEXT NOT NULL DEFAULT '';
  UPDATE session SET renewedAt = createdAt;
  CREATE INDEX sessionByPerson ON session (person);

  ALTER TABLE audit ADD COLUMN address TEXT NOT NULL DEFAULT '';
  CREATE TRIGGER auditIsNotChanged BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit is not changed'); END;
  CREATE TRIGGER auditIsKept BEFORE DELETE ON audit
    WHEN OLD.t > (unixepoch() - 86400) * 1000
    BEGIN SELECT RAISE(ABORT, 'the audit of the last day is not removed'); END;
  `,
  `
  CREATE TABLE keptSession (
    number INTEGER PRIMARY KEY,
    clientId TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    ownerCreatedAt INTEGER NOT NULL,
    awaySince INTEGER,
    dropped INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE keptFilter (
    session INTEGER NOT NULL REFERENCES keptSession ON DELETE CASCADE,
    filter TEXT NOT NULL,
    qos INTEGER NOT NULL CHECK (qos IN (0, 1, 2)),
    PRIMARY KEY (session, filter)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE keptMessage (
    number INTEGER PRIMARY KEY,
    topic TEXT NOT NULL,
    payload BLOB NOT NULL
  ) STRICT;

  -- In the order of publication. That a session ends, which is rare, looks through all of them.
  CREATE TABLE keptDelivery (
    message INTEGER NOT NULL REFERENCES keptMessage,
    session INTEGER NOT NULL REFERENCES keptSession ON DELETE CASCADE,
    qos INTEGER NOT NULL CHECK (qos IN (1, 2)),
    retain INTEGER NOT NULL CHECK (retain IN (0, 1)),
    packetId INTEGER CHECK (packetId BETWEEN 1 AND 65535),
    PRIMARY KEY (message, session)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER keptMessageIsOver AFTER DELETE ON keptDelivery
    WHEN NOT EXISTS (SELECT 1 FROM keptDelivery WHERE message = OLD.message)
    BEGIN DELETE FROM keptMessage WHERE number = OLD.message; END;

  CREATE TABLE keptId (
    session INTEGER NOT NULL REFERENCES keptSession ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('received', 'released')),
    packetId INTEGER NOT NULL CHECK (packetId BETWEEN 1 AND 65535),
    place INTEGER NOT NULL,
    PRIMARY KEY (session, kind, packetId)
  ) STRICT, WITHOUT ROWID;
  `,
];
