/** Steps that bring an empty file up to today, in order. A step that was released is never changed. */
export const SCHEMA: readonly string[] = [
  `
  CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    device TEXT NOT NULL,
    pid INTEGER NOT NULL,
    /* The last row of the journal whose samples are in chunks. */
    folded INTEGER NOT NULL,
    UNIQUE (device, pid)
  ) STRICT;

  CREATE TABLE journal (seq INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;

  /* Keys are series × 2^42 + begin in Unix ms: the rows of a series lie side by side, in order of time. */
  CREATE TABLE chunk (key INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
  CREATE TABLE minute (key INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
  CREATE TABLE hour (key INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;

  CREATE TABLE kept (samples INTEGER NOT NULL) STRICT;
  INSERT INTO kept VALUES (0);
  `,
];
