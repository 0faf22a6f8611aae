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
];
