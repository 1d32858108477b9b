import { defineProblem } from '../../../src/core/Problem.ts';
import { byDefect, check, knownDefect, writeAnew } from './steps.ts';

export const kpr4003 = defineProblem({
  code: 'KPR4003',
  severity: 'error',
  harm: 'now',
  title: 'Stale backends: a node still sends connections to addresses that the API has removed',
  brief: 'connections go to backends that are gone',
  symptom: 'Some connections to a Service time out, from some nodes only; pods are ready and agents report OK.',
  cause:
    'The agent missed the change of an EndpointSlice: it hangs, has lost its connection to the API server, or runs into a known defect after a reconnect (fixed in 1.19.3: cilium/cilium#45198).',
  confirm: 'cilium-dbg bpf lb list on that node names addresses that kubectl get endpointslices does not.',
  // A hung agent misses every change of Services, and so does one that has lost the API server.
  mayFollowFrom: [{ code: 'KPR1002', by: 'node' }, { code: 'KPR2002', by: 'node' }, knownDefect],
  harmsOnlyItsObjects: true,
  variants: {
    one: {
      message: '{{share}} new connections to {{target}} go to {{backends}}, which the API no longer has; {{layer}}',
      remedy: {
        steps: writeAnew,
        check,
      },
    },
    many: {
      message: '{{count}} Services still send connections to addresses that the API no longer has; {{layer}}',
      remedy: {
        steps: writeAnew,
        check,
      },
    },
    byDefect: {
      message:
        'New connections to {{target}} go to backends that the API no longer has: a known defect of this version ({{reference}})',
      remedy: byDefect,
    },
  },
});
