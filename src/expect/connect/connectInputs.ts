import { tableParity } from '../parity/tableParity.ts';

/** What connections are planned of. */
export const connectInputs = {
  requires: { cluster: ['nodes', 'services', 'endpointSlices', 'pods'], node: ['status', 'lbTable'] },
  uses: [tableParity],
} as const;
