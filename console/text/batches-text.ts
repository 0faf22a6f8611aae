export { batches as batchesText } from './en/batches.ts';
