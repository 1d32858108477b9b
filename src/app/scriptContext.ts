import type { Snapshot } from '../model/Snapshot.ts';
import type { ScriptContext } from '../remedy/cleanup/renderScript.ts';
import { version } from '../terminal/version.ts';

/** What the clean-up script of a node says of where it comes from and how it is run. */
export const scriptContext = (node: string, { nodes, origin, takenAt }: Snapshot): ScriptContext => ({
  toolVersion: version,
  takenAt,
  kubectl: origin.kind === 'live' ? origin.kubectl : 'kubectl',
  agent: nodes.find(({ name }) => name === node)?.agent,
});
