import { defineProblem } from '../../../src/core/Problem.ts';
import { byDefect, check, knownDefect, writeAnew } from './steps.ts';

export const kpr4004 = defineProblem({
  code: 'KPR4004',
  severity: 'warning',
  harm: 'trap',
  title: 'The eBPF map of a node has a frontend that nobody in the API asks for',
  brief: 'the eBPF map serves what no Service asks for',
  symptom: 'An address of a deleted Service, or of somebody else, is still balanced on this node.',
  cause: 'A row was added by hand, or the agent missed the deletion of a Service.',
  confirm: 'cilium-dbg bpf lb list on that node has the row; kubectl get services -A has no such address and port.',
  // A hung agent misses every change of Services, and so does one that has lost the API server.
  mayFollowFrom: [{ code: 'KPR1002', by: 'node' }, { code: 'KPR2002', by: 'node' }, knownDefect],
  variants: {
    one: {
      message: 'The map serves {{target}}, which no Service asks for; {{layer}}',
      remedy: { steps: writeAnew, check },
    },
    many: {
      message: 'The map serves {{count}} frontends that no Service asks for; {{layer}}',
      remedy: {
        steps: writeAnew,
        check,
      },
    },
    byDefect: {
      message: 'The map serves {{target}}, which no Service asks for: a known defect of this version ({{reference}})',
      remedy: byDefect,
    },
    left: {
      severity: 'info',
      harm: 'note',
      message: 'The map still has rows of deleted NodePorts, which nothing looks up ({{reference}})',
      remedy: { steps: byDefect.steps },
    },
  },
});
