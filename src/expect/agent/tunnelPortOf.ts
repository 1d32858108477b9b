import type { AgentSettings } from './AgentSettings.ts';

export const tunnelPortOf = ({ tunnelPort, tunnelProtocol }: AgentSettings): number =>
  tunnelPort.value || (tunnelProtocol.value === 'geneve' ? 6081 : 8472);
