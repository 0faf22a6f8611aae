/** Shows a dialog over the page for as long as it is there; then the focus is back where it was. */
export function modal(dialog: HTMLDialogElement): () => void {
  const before = document.activeElement;
  dialog.showModal();
  // Nothing below a dialog takes the focus, so it must be gone first.
  return () => queueMicrotask(() => before instanceof HTMLElement && before.focus());
}
