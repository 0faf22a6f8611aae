/** English, for what is shown once. */
export const once = {
  note: 'Shown this once: the hub keeps no copy that can be read. If it gets lost, make another.',
  done: 'Done',
};
