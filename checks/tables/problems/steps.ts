import type { RemedyStep } from '../../../src/core/Problem.ts';

export const restart = {
  text: 'Restart the agent: it learns all Services and endpoints anew and writes the maps from them',
  restart: 'agent',
  where: 'workstation',
  risk: 'connections stay; changes of Services reach this node only after the agent is back',
} as const satisfies RemedyStep;

export const check = 'kubectl kpr verify --node {{node}}';

export const seeTable = 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg bpf lb list';
