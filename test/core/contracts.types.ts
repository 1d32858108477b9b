// What must not compile; `npm run typecheck` fails where something of it does. Nothing of this is run.
import { kpr1003 } from '../../checks/agents/problems/KPR1003.ts';
import { kpr1007 } from '../../checks/agents/problems/KPR1007.ts';
import { defineCheck } from '../../src/core/Check.ts';
import { defineNodeDerived } from '../../src/core/Derived.ts';
import { finding } from '../../src/core/Finding.ts';
import { pass, type Pass } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { apiClients } from '../../src/expect/api-server/apiClients.ts';
import { aboutNode } from '../../src/expect/defects/conditions.ts';
import { defineDefect } from '../../src/expect/defects/Defect.ts';
import { apiServers } from '../../src/expect/api-server/apiServers.ts';
import { kubeProxyPresence } from '../../src/expect/kube-proxy/kubeProxyPresence.ts';
import { isKnown } from '../../src/model/Fact.ts';
import { defineProblem, type Problem } from '../../src/core/Problem.ts';

const texts = {
  severity: 'error',
  harm: 'now',
  title: 'Something is wrong',
  brief: 'something is wrong',
  symptom: 'It does not work.',
  cause: 'It is broken.',
  confirm: 'Look at it.',
} as const;
const step = { text: 'Repair it', command: 'repair {{what}}', where: 'node' } as const;

// A code that nobody has settled, or that is only reserved.
// @ts-expect-error
defineProblem({ ...texts, code: 'KPR1099', variants: {} });
// @ts-expect-error
defineProblem({ ...texts, code: 'KPR4008', variants: {} });
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

const check = { id: 'a', title: 'b', phases: ['doctor'] } as const;
const ofMode = { mode: 'False' };
defineCheck({ ...check, raises: [kpr1003], run: () => finding(kpr1003, 'notInEffect', ofMode) });
// A finding of a problem that the check does not name.
// @ts-expect-error
defineCheck({ ...check, raises: [kpr1003], run: () => finding(kpr1007, 'detached', { missing: 'connect4 is' }) });
// A problem whose literal type was lost: nobody knows its code, so no check may raise it.
const forgotten: Problem = kpr1003;
// @ts-expect-error
defineCheck({ ...check, raises: [kpr1003], run: () => finding(forgotten, 'notInEffect', {}) });
// A check that can find nothing.
// @ts-expect-error
defineCheck({ ...check, raises: [], run: () => pass });
// Silence is no pass.
// @ts-expect-error
defineCheck({ ...check, raises: [kpr1003], run: () => [] });
// A fact that is not declared, of the cluster and of a node; and one that may be missing, taken for a value.
// @ts-expect-error
defineCheck({ ...check, raises: [kpr1003], run: ({ cluster }) => passIf(cluster.services) });
// @ts-expect-error
defineCheck({ ...check, raises: [kpr1003], run: ({ nodes }) => passIf(nodes[0]?.facts.kernel) });
const optional = { cluster: ['services'] } as const;
// @ts-expect-error
defineCheck({ ...check, raises: [kpr1003], optional, run: ({ cluster }) => passIf(cluster.services.length) });
const requires = { cluster: ['services'] } as const;
defineCheck({ ...check, raises: [kpr1003], requires, run: ({ cluster }) => passIf(cluster.services.length) });

function passIf(seen: unknown): Pass {
  return seen === undefined ? pass : pass;
}

// What is not declared is not there: facts, derived facts, a second reading, the command behind a fact, all of it.
const declared = {
  ...check,
  raises: [kpr1003],
  requires: { cluster: ['services'], node: ['status'] },
  optional: { cluster: ['pods'], node: ['iptables'] },
  reread: { node: ['iptables'] },
  uses: [apiServers, kubeProxyPresence],
} as const;
defineCheck({
  ...declared,
  run({ cluster, derived, nodes, evidence }) {
    for (const node of nodes) {
      const values: [string | undefined, number, boolean] = [
        node.facts.status.version,
        cluster.services.length,
        isKnown(cluster.pods) && isKnown(node.facts.iptables),
      ];
      derived(apiServers).map(({ host }) => `${host}${values.join()}${evidence('pods', '').command}`);
      node.derived(kubeProxyPresence).kind.trim();
      node.secondReading?.iptables.source?.trim();
      node.evidence('status', '').command.trim();
    }
    return pass;
  },
});
defineCheck({
  ...declared,
  run(view) {
    // @ts-expect-error
    void view.snapshot;
    // @ts-expect-error
    void view.cluster.nodes;
    // @ts-expect-error
    view.derived(apiClients);
    // @ts-expect-error one of the cluster
    view.nodes.map((node) => node.derived(apiServers));
    // @ts-expect-error
    view.evidence('nodes', '');
    // @ts-expect-error
    void view.secondReading?.services;
    for (const node of view.nodes) {
      // @ts-expect-error
      void node.facts.interfaces;
      // @ts-expect-error a value it is, not a fact
      void node.facts.status.value;
      // @ts-expect-error
      node.evidence('interfaces', '');
      // @ts-expect-error
      void node.secondReading?.status;
    }
    return pass;
  },
});
// @ts-expect-error a mistyped name
defineCheck({ ...check, raises: [kpr1003], requires: { node: ['statos'] }, run: () => pass });
defineNodeDerived({
  name: 'd',
  optional: { node: ['status'] },
  // @ts-expect-error
  compute: () => (node) => node.facts.kernel,
});

// A helper is handed a node of which less is declared than it asks for.
const asked = (node: NodeView<'status', never, never, typeof kubeProxyPresence>): string =>
  `${node.derived(kubeProxyPresence).kind} ${node.facts.status.version}`;
const status = { node: ['status'] } as const;
const uses = [kubeProxyPresence] as const;
defineCheck({ ...check, raises: [kpr1003], requires: status, uses, run: ({ nodes }) => passIf(nodes.map(asked)) });
// @ts-expect-error
defineCheck({ ...check, raises: [kpr1003], requires: status, run: ({ nodes }) => passIf(nodes.map(asked)) });
// @ts-expect-error
defineCheck({ ...check, raises: [kpr1003], optional: status, uses, run: ({ nodes }) => passIf(nodes.map(asked)) });

// ---- Known defects -------------------------------------------------------------------------------------------------

const defect = {
  reference: '#12345',
  affects: { '1.18': { fixed: '1.18.3' } },
  title: 'rows are lost',
  meets: 'there are rows',
  symptom: 'Nobody answers.',
  workaround: undefined,
  harm: 'now',
} as const;

// No branch, a branch that is not known, an end that is no release of its branch, and none at all.
// @ts-expect-error
defineDefect({ ...defect, affects: {}, reads: [], condition: () => undefined });
// @ts-expect-error
defineDefect({ ...defect, affects: { '1.15': { fixed: '1.15.3' } }, reads: [], condition: () => undefined });
// @ts-expect-error
defineDefect({ ...defect, affects: { '1.18': { fixed: '1.19.3' } }, reads: [], condition: () => undefined });
// @ts-expect-error
defineDefect({ ...defect, affects: { '1.18': { from: '1.18.1' } }, reads: [], condition: () => undefined });
// A reference that is no issue and no place.
// @ts-expect-error
defineDefect({ ...defect, reference: '12345', reads: [], condition: () => undefined });
// A part that the scene does not have, and one that is not declared.
// @ts-expect-error
defineDefect({ ...defect, reads: ['secrets'], condition: () => undefined });
// @ts-expect-error
defineDefect({ ...defect, reads: ['services'], condition: ({ pods }) => aboutNode(`${pods.length} pods`) });
// A kind of difference that there is not.
// @ts-expect-error
defineDefect({ ...defect, reads: [], explains: ['rowLost'], condition: () => undefined });
defineDefect({ ...defect, reads: ['pods'], condition: ({ pods }) => aboutNode(`${pods.length} pods`) });
