import type { FirmDifference } from '../parity/Difference.ts';
import type { AgentProgress } from './AgentProgress.ts';

/** Whether a difference between the API and a node's table is there to stay. */
export type Standing =
  /** `proof`: why, where something just began and may excuse it; undefined: nothing does. */
  | { readonly kind: 'firm'; readonly proof: string | undefined }
  /** It may be right in a moment, and whoever reads again sees it. */
  | { readonly kind: 'settling'; readonly why: string; readonly byStart: boolean }
  /** It may be right by now, and nobody can ask again. `byStart`: the agent's, and nothing that changed. */
  | { readonly kind: 'unknown'; readonly why: string; readonly byStart: boolean };

/** What the agent says of its own row: written, still to be written, not written for an error; or nothing. */
export type RowState = 'written' | 'waiting' | 'failed' | 'unknown';

export interface Circumstances {
  /** Seconds between two readings that both show it; 0: only the later one does; undefined: there is one reading. */
  readonly lasted: number | undefined;
  /** What changed in the API meanwhile or just before, that may be the reason. */
  readonly change: string | undefined;
  readonly row: RowState;
  readonly agent: AgentProgress;
  readonly canReadAgain: boolean;
}

/** What works writes a change within a second, and tries again after some more when it failed. */
export const lastingSeconds = 10;

/** By evidence, the strongest first. */
export function standingOf(difference: FirmDifference, circumstances: Circumstances): Standing {
  const { lasted, change, row, agent, canReadAgain } = circumstances;
  const onItsWay = (why: string, byStart = false): Standing => ({
    kind: canReadAgain ? 'settling' : 'unknown',
    why,
    byStart,
  });
  if (lasted === 0) return onItsWay('it was not there, or was another one, when the node was read before');
  if (lasted !== undefined && lasted >= lastingSeconds && !isBusy(agent, row)) {
    const excused = change !== undefined || agent.kind !== 'noExcuse';
    return firm(excused ? `the same at two readings ${Math.round(lasted)} s apart` : undefined);
  }
  if (difference.torn) return onItsWay('it changed while the maps were read');
  if (difference.kind === 'damaged') return firm(undefined);
  if (row === 'failed') return firm(agent.kind === 'noExcuse' ? undefined : 'the agent itself says that it failed');
  if (change !== undefined) return onItsWay(change);
  if (row === 'waiting') return onItsWay('the agent has not written it yet');
  return standingBy(agent, row, onItsWay);
}

function standingBy(
  agent: AgentProgress,
  row: RowState,
  onItsWay: (why: string, byStart: boolean) => Standing,
): Standing {
  switch (agent.kind) {
    case 'noExcuse':
      return firm(undefined);
    case 'hindered':
      return firm(agent.why);
    case 'synchronised':
      // Rows that the agent does not have are pruned some time after it has everything.
      return row === 'written'
        ? firm(`the agent started ${startOf(agent)}, has listed all Services and endpoints, and calls this row done`)
        : onItsWay(`the agent started ${startOf(agent)}`, true);
    case 'starting': {
      const { waitsFor = [] } = agent;
      const waits = waitsFor.length === 0 ? '' : ` and waits for ${waitsFor.join(', ')}`;
      return onItsWay(`the agent started ${startOf(agent)}${waits}`, true);
    }
  }
}

const firm = (proof: string | undefined): Standing => ({ kind: 'firm', proof });

const startOf = ({ ageSeconds }: { readonly ageSeconds: number }): string => `${Math.round(ageSeconds)} s before`;

/** Whether there is something that it is still to do. */
const isBusy = (agent: AgentProgress, row: RowState): boolean =>
  agent.kind === 'starting' || (agent.kind === 'synchronised' && row === 'waiting');
