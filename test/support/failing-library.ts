import { Aedes } from 'aedes';
import { FAIL, FAILS } from './failures.ts';

/**
 * Loaded into a hub's process before the hub (`node --import …`): a library that fails where nobody is ready for it, by
 * what is published to it, and a hub that fails for nobody in particular, when it is told to.
 */

const fault = (): Error => new Error('a library failed on purpose');

const { publish } = Aedes.prototype;
Aedes.prototype.publish = function (this: Aedes, ...[packet, ...others]: Parameters<typeof publish>) {
  switch (packet.topic) {
    case FAILS.atOnce:
      throw fault();
    case FAILS.later:
      setTimeout(() => {
        throw fault();
      }, 1);
      return;
    case FAILS.silently:
      void Promise.reject(fault());
      return;
    default:
      publish.call(this, packet, ...others);
  }
};

process.on('message', ({ type }: { type?: unknown }) => {
  if (type === FAIL.type) throw fault();
});
process.channel?.unref();
