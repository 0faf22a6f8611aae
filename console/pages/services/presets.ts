import type { ToldService } from '#broker/contract/service.ts';
import { TOPIC_ROOT } from '#firmware-protocol';

export const PRESETS = ['nodeRed', 'homeAssistant', 'dashboard', 'script'] as const;
export type Preset = (typeof PRESETS)[number];

export type Grants = Pick<ToldService, 'publish' | 'subscribe' | 'role'>;

/** What integrations of a kind need, and no more. */
export function grantsOf(preset: Preset, tenant: string): Grants {
  const commands = `${TOPIC_ROOT}/${tenant}/+/rq/#`;
  const devices = `${TOPIC_ROOT}/${tenant}/+/up/#`;
  const feeds = `${TOPIC_ROOT}/${tenant}/@hub/ev/#`;
  switch (preset) {
    case 'nodeRed':
      return { publish: [commands, 'node-red/#'], subscribe: [devices, 'node-red/#'], role: null };
    case 'homeAssistant':
      return { publish: [commands, 'homeassistant/#'], subscribe: [devices, 'homeassistant/#'], role: null };
    case 'dashboard':
      return { publish: [], subscribe: [devices, feeds], role: 'viewer' };
    case 'script':
      return { publish: [], subscribe: [], role: 'operator' };
  }
}
