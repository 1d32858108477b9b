import { defineProblem } from '../../../src/core/Problem.ts';
import { check, restart, seeTable } from './steps.ts';

export const kpr4007 = defineProblem({
  code: 'KPR4007',
  severity: 'warning',
  harm: 'now',
  title: 'Nodes disagree where their tables should be equal',
  symptom: 'A Service behaves differently depending on the node.',
  cause:
    'A node has rows that the others do not have, or lacks some of theirs; the API alone does not decide which are right.',
  confirm: seeTable,
  variants: {
    minority: {
      message: 'The table here differs from that of {{majority}} of {{all}} nodes (rows: {{count}}), e.g. {{example}}',
      remedy: {
        steps: [restart],
        check,
      },
    },
  },
});
