import type { Cause, Remedy, RemedyStep } from '../../../src/core/Problem.ts';

export const restart = {
  text: 'Restart the agent: it learns all Services and endpoints anew and writes the maps from them',
  restart: 'agent',
  where: 'workstation',
  risk: 'connections stay; changes of Services reach this node only after the agent is back',
} as const satisfies RemedyStep;

export const check = 'kubectl kpr verify --node {{node}}';

/** Of a finding that a known defect explains. */
export const byDefect = {
  steps: [{ decision: true, text: '{{whatHelps}}', where: 'workstation' }],
  check,
} as const satisfies Remedy;

/** A known defect, of which KPR1012 tells more. */
export const knownDefect = { code: 'KPR1012', by: 'node', sharing: 'reference' } as const satisfies Cause;

export const seeTable = 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg bpf lb list';
