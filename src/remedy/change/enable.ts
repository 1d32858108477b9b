import type { CarriedSetting, ChecklistStep } from './Checklist.ts';
import {
  byHand,
  captureFile,
  captureStep,
  firstUpgrade,
  forGoodStep,
  keepStep,
  migrationLabel,
  nodeByNode,
  nodeConfigStep,
  settable,
} from './commonSteps.ts';
import type { Ground } from './Ground.ts';

/**
 * From kube-proxy to Cilium on a live cluster, node by node: kube-proxy stays until every node is through, so that any
 * node can go back by taking its label away (cilium: Documentation/configuration/per-node-config.rst).
 */
export const enableSteps = (ground: Ground, settings: readonly CarriedSetting[]): readonly ChecklistStep[] => [
  captureStep(ground),
  keepStep(ground),
  ...prepared(ground, settings),
  nodeConfigStep(ground, 'on'),
  ...nodeByNode(ground, {
    nodes: ground.nodes.filter(({ isReplacing }) => !isReplacing).map(({ name }) => name),
    all: ground.nodes.length,
    label: `${migrationLabel}=true`,
    what: 'Let Cilium serve Services',
    risk: 'from the agent’s start on new connections go through eBPF; those that kube-proxy translated go on; changes of Services reach the node late by the seconds of the start',
    check: 'kubectl kpr verify --node {{node}} --wait=3m',
  }),
  forGood(ground),
  {
    text: 'Go on: kube-proxy still runs, and its rules lie beside; they go only at parity',
    where: 'workstation',
    commands: [
      ground.command('kubectl kpr preflight --change remove-kube-proxy --against {{file}}', {
        file: captureFile(ground),
      }),
    ],
  },
];

/** Agents learn the way to the API server, and what kube-proxy was told, before anything depends on it. */
function prepared(ground: Ground, settings: readonly CarriedSetting[]): readonly ChecklistStep[] {
  const { values: given } = ground.intent;
  // Whatever given values say of the replacement, it is turned on node by node.
  const values = [
    ...settable(settings),
    ...(given === undefined ? [] : [{ helm: 'kubeProxyReplacement', value: 'false' }]),
  ];
  if (values.length === 0) return [];
  const step = {
    text: 'Tell agents what kube-proxy knew, while it still serves: the replacement stays off',
    where: 'workstation',
    risk: 'agents start again, two at a time unless their DaemonSet says otherwise; pods keep their network',
    check: ground.command('kubectl kpr verify --wait=5m'),
  } as const;
  const open = values.some(({ value }) => /^[A-Z_]{5,}$/.test(value));
  if (ground.release === undefined)
    return [{ ...step, text: `${step.text}: ${byHand(values)}`, decision: true, commands: [] }];
  return [
    {
      ...step,
      ...(open && { decision: true }),
      commands: [
        'helm repo add cilium https://helm.cilium.io --force-update',
        firstUpgrade(ground, values),
        ground.command('kubectl -n {{namespace}} rollout status daemonset {{daemonSet}} --timeout=30m'),
      ],
      wayBack: ground.command('helm rollback {{release}} -n {{namespace}}'),
    },
  ];
}

const forGood = (ground: Ground): ChecklistStep =>
  forGoodStep(ground, 'on', 'a node that joins from now on has no need of kube-proxy', 'rollback');
