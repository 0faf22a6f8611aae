/** English, for what is shown once. */
export const once = {
  note: 'Shown this once: the hub keeps no copy that can be read. If it gets lost, make another.',
  local:
    'This console is open at the address that only this machine has, and so what stands here works on this machine only. For other machines, open the console at an address that they can reach.',
  done: 'Done',
};
