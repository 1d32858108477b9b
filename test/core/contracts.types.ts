// What must not compile; `npm run typecheck` fails where something of it does. Nothing of this is run.
import { kpr1003 } from '../../checks/agents/problems/KPR1003.ts';
import { kpr1007 } from '../../checks/agents/problems/KPR1007.ts';
import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { defineProblem, type Problem } from '../../src/core/Problem.ts';

const texts = {
  severity: 'error',
  harm: 'now',
  title: 'Something is wrong',
  symptom: 'It does not work.',
  cause: 'It is broken.',
  confirm: 'Look at it.',
} as const;
const step = { text: 'Repair it', command: 'repair {{what}}', where: 'node' } as const;

// A code that nobody has settled, or that is only reserved.
// @ts-expect-error
defineProblem({ ...texts, code: 'KPR1099', variants: {} });
// @ts-expect-error
defineProblem({ ...texts, code: 'KPR8001', variants: {} });
// A mistyped cause, or a tie that does not exist.
// @ts-expect-error
defineProblem({ ...texts, code: 'KPR1003', mayFollowFrom: [{ code: 'KPR1O05', by: 'node' }], variants: {} });
// @ts-expect-error
defineProblem({ ...texts, code: 'KPR1003', mayFollowFrom: [{ code: 'KPR1005', by: 'nodes' }], variants: {} });
// Mistyped keys: of the problem, of a variant, of a remedy, of a step.
// @ts-expect-error
defineProblem({ ...texts, code: 'KPR1003', mayFolowFrom: [], variants: {} });
// @ts-expect-error
defineProblem({ ...texts, code: 'KPR1003', variants: { one: { message: 'm', alternative: [] } } });
// @ts-expect-error
defineProblem({ ...texts, code: 'KPR1003', variants: { one: { message: 'm', remedy: { steps: [], checks: 'c' } } } });
defineProblem({
  ...texts,
  code: 'KPR1003',
  // @ts-expect-error
  variants: { one: { message: 'm', remedy: { steps: [{ ...step, risks: 'r' }] } } },
});
// A step that nobody can follow, and that does not say that a person decides.
defineProblem({
  ...texts,
  code: 'KPR1003',
  // @ts-expect-error
  variants: { one: { message: 'm', remedy: { steps: [{ text: 'Repair it', where: 'node' }] } } },
});

const problem = defineProblem({
  ...texts,
  code: 'KPR1003',
  variants: {
    plain: { message: 'It is wrong' },
    full: {
      message: 'It is {{state}}',
      remedy: { steps: [{ ...step, risk: 'breaks {{things}}' }], check: 'look at {{check}} on {{node}}' },
      alternatives: [
        {
          title: 'wait for {{event}}',
          steps: [{ ...step, precondition: { text: '{{it}} holds', command: 'test {{it}}' } }],
          undo: '{{undo}}',
        },
      ],
    },
  },
});
// Every name in every text is a param, but for what the report fills by itself.
finding(problem, 'full', { state: 's', what: 'w', things: 't', check: 'c', event: 'e', it: 'i', undo: 'u' });
finding(problem, 'plain', {});
// @ts-expect-error
finding(problem, 'full', { state: 's', what: 'w', things: 't', check: 'c', event: 'e', it: 'i' });
// @ts-expect-error
finding(problem, 'full', { state: 's', what: 'w', check: 'c', event: 'e', it: 'i', undo: 'u' });
// @ts-expect-error
finding(problem, 'plain', { state: 's' });
// @ts-expect-error
finding(problem, 'other', {});

const check = { id: 'a', title: 'b', area: 'agents', phases: ['doctor'], needs: {} } as const;
defineCheck({ ...check, raises: [kpr1003], run: () => [finding(kpr1003, 'notInEffect', { mode: 'False' })] });
defineCheck({
  ...check,
  raises: [kpr1003],
  // @ts-expect-error of a problem that the check does not name
  run: () => [finding(kpr1007, 'detached', { missing: 'connect4 is' })],
});

// A problem whose literal type was lost: nobody knows its code, so no check may raise it.
const forgotten: Problem = kpr1003;
// @ts-expect-error
defineCheck({ ...check, raises: [kpr1003], run: () => [finding(forgotten, 'notInEffect', {})] });
