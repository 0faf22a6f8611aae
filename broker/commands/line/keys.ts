import { ACCESS_TOKEN_LIFE } from '../../auth/keys.ts';
import { audit } from '../audit.ts';
import type { Line } from './line.ts';
import { tell, timeOf } from './output.ts';

/** `keys`: what the hub signs with. */
export function keysCommands({ program, onStore }: Line): void {
  const keys = program.command('keys').description('replace the key that signs access tokens');

  keys
    .command('rotate')
    .description('have another key sign; what the one before has signed stays good until it runs out')
    .option('--at-once', 'what the one before has signed is good no longer, as after a theft')
    .action(({ atOnce = false }: { atOnce?: boolean }) =>
      onStore(async ({ keys: held, store }, now) => {
        await held.rotate(now, { atOnce });
        await audit(store, 'keys.rotate', [held.signing.kid], now, { atOnce });
        tell(
          atOnce
            ? 'no access token that was signed before is good any longer'
            : `access tokens that were signed before are good until ${timeOf(now + ACCESS_TOKEN_LIFE)} at most`,
        );
      }),
    );
}
