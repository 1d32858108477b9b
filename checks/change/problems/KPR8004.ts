import { defineProblem } from '../../../src/core/Problem.ts';

const remedy = {
  steps: [
    {
      text: 'Give it room for twice as many',
      sets: { key: '{{key}}', value: '{{size}}', helm: '{{helm}}={{size}}' },
      where: 'workstation',
      risk: 'with the new size the agent makes a new map at its start and fills it again; connections of Services fail for the seconds until it has',
    },
  ],
  check: 'kubectl kpr preflight --check maps-would-fit',
} as const;

export const kpr8004 = defineProblem({
  code: 'KPR8004',
  severity: 'error',
  harm: 'trap',
  layer: 'map',
  title: 'The load-balancing maps will be too small for the cluster',
  brief: 'the load-balancing maps would be too small',
  symptom: 'After the change some Services answer and others do not, differently on each node.',
  cause:
    'A map holds as many rows as it was made for, and refuses the next one. kube-proxy’s rules have no such bound, so that nobody had to count: a row for each address and port of a Service, and one for each of its backends behind each.',
  confirm: 'On a node, bpftool map show name cilium_lb4_services_v2 tells max_entries.',
  variants: {
    full: {
      message: 'Services ask for {{rows}} rows of {{map}}, which takes {{now}} ({{key}})',
      remedy,
    },
    tight: {
      severity: 'warning',
      message: 'Services ask for {{rows}} rows of {{map}}, more than 80 % of the {{now}} that it takes ({{key}})',
      remedy,
    },
  },
});
