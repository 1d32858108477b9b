import { defineProblem } from '../../../src/core/Problem.ts';
import { byDefect, check, knownDefect, seeTable, writeAnew } from './steps.ts';

export const kpr4006 = defineProblem({
  code: 'KPR4006',
  severity: 'error',
  harm: 'now',
  title: 'A frontend has another property in the map than its Service asks for',
  brief: 'rows of the eBPF map have wrong properties',
  symptom:
    'Affinity, source ranges, traffic policy or forwarding mode do not behave as the Service says, on some nodes.',
  cause:
    'The agent has not seen the Service’s last change, or a setting that needs a new Service (algorithm, forwarding mode) was changed on an old one.',
  confirm: seeTable,
  // A hung agent misses every change of Services.
  mayFollowFrom: [
    { code: 'KPR1002', by: 'node' },
    // So does one that does not reach the API server.
    { code: 'KPR2002', by: 'node' },
    knownDefect,
  ],
  harmsOnlyItsObjects: true,
  variants: {
    one: { message: '{{target}} has {{properties}}', remedy: { steps: writeAnew, check } },
    many: {
      message: '{{count}} Services have other properties in the map than in the API',
      remedy: { steps: writeAnew, check },
    },
    byDefect: {
      message:
        '{{target}} has other properties than its Service asks for: a known defect of this version ({{reference}})',
      remedy: byDefect,
    },
  },
});
