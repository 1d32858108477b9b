import type { Cause, Remedy, RemedyStep } from '../../../src/core/Problem.ts';

export const restart = {
  text: 'Restart the agent: it reads all Services and endpoints again and rewrites the maps from them',
  restart: 'agent',
  where: 'workstation',
  risk: 'connections stay; changes of Services reach this node only after the agent is back',
} as const satisfies RemedyStep;

/** One agent lost something, or all of them decided alike. */
export const writeAnew = [
  { ...restart, when: 'some' },
  {
    when: 'all',
    text: 'The agents of all nodes have it so, and a restart would give the same again: see what they hold and report of it',
    command: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg shell -- db/show frontends',
    where: 'workstation',
  },
  {
    when: 'all',
    decision: true,
    text: 'Look for what this version or configuration does not serve (findings KPR1012 and KPR50xx), or whether all agents no longer follow the API; if there is no reason, it is a defect: keep a capture and report it',
    command: 'kubectl kpr capture -o defect.kpr',
    where: 'workstation',
  },
] as const satisfies readonly RemedyStep[];

export const check = 'kubectl kpr verify --node {{node}}';

/** Of a finding that a known defect explains. */
export const byDefect = {
  steps: [{ decision: true, text: '{{whatHelps}}', where: 'workstation' }],
  check,
} as const satisfies Remedy;

/** A known defect, of which KPR1012 tells more. */
export const knownDefect = { code: 'KPR1012', by: 'node', sharing: 'reference' } as const satisfies Cause;

/** Why rows, or backends of them, are missing: what does not fit, who no longer follows the API, what was refused. */
export const whyMissing = [
  { code: 'KPR1010', by: 'node', variants: ['full'] },
  // A hung agent misses every change of Services, and so does one that has lost the API server.
  { code: 'KPR1002', by: 'node' },
  { code: 'KPR2002', by: 'node' },
  // The agent says itself that it refused them.
  { code: 'KPR1011', by: 'object', variants: ['frontend', 'conflict'] },
  knownDefect,
] as const satisfies readonly Cause[];

export const seeTable = 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg bpf lb list';
