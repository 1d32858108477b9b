import type { ChecklistStep } from './Checklist.ts';
import {
  byHand,
  captureFile,
  captureStep,
  firstUpgrade,
  keepStep,
  nodeByNode,
  upgradeCommand,
  valuesFile,
} from './commonSteps.ts';
import type { Ground } from './Ground.ts';

/** Objects first, while agents stay as they are; then agent by agent, with a look at the first. */
export const upgradeSteps = (ground: Ground): readonly ChecklistStep[] => [
  captureStep(ground),
  keepStep(ground),
  ...changed(ground),
  ...nodeByNode(ground, {
    nodes: ground.nodes.map(({ name }) => name),
    all: ground.nodes.length,
    label: undefined,
    what: `Let the agent start in version ${ground.intent.toVersion ?? ''}`,
    risk: 'eBPF programs and maps serve on while the agent is away; changes of Services reach the node late by the seconds of the start',
    check: 'kubectl kpr verify --node {{node}} --wait=3m',
  }),
  ...restored(ground),
  {
    text: 'Prove that everything is served as before, and see what changed (diff ends with 1, because something did)',
    where: 'workstation',
    commands: [
      ground.command('kubectl kpr verify --wait=3m'),
      ground.command('kubectl kpr diff {{file}}', { file: captureFile(ground) }),
    ],
  },
];

const strategy = (type: string) => ({ helm: 'updateStrategy.type', value: type });

function changed(ground: Ground): readonly ChecklistStep[] {
  const values = ground.isOnDelete ? [] : [strategy('OnDelete')];
  const step = {
    text: 'Change the objects and the operator, and no agent: their DaemonSet waits until a pod is deleted',
    where: 'workstation',
    risk: 'an agent whose pod is made anew by somebody else meanwhile (a reboot, an eviction) comes back in the new version',
  } as const;
  if (ground.release === undefined)
    return [
      {
        ...step,
        text: `${step.text}: give the new version, and ${byHand(values)}`,
        decision: true,
        commands: [],
      },
    ];
  return [
    {
      ...step,
      commands: [
        'helm repo add cilium https://helm.cilium.io --force-update',
        firstUpgrade(ground, values),
        ground.command('kubectl -n {{namespace}} rollout status deployment {{operator}} --timeout=10m', {
          operator: ground.snapshot.cilium.operatorDeployment ?? 'cilium-operator',
        }),
      ],
      // Agents are older than their DaemonSet and what is configured now, which `doctor` would object to.
      check: ground.command('kubectl kpr verify --check agents-would-start,agents-ready,tables-match'),
      wayBack: `${ground.command('helm rollback {{release}} -n {{namespace}}')}, then delete the pods of agents that are new already; ${valuesFile(ground)} holds the values`,
    },
  ];
}

/** As it was: the next change of the DaemonSet rolls out by itself again. */
const restored = (ground: Ground): readonly ChecklistStep[] =>
  ground.isOnDelete
    ? []
    : [
        {
          text: 'Let the DaemonSet roll out by itself again',
          where: 'workstation',
          ...(ground.release === undefined && { decision: true }),
          commands: ground.release === undefined ? [] : [upgradeCommand(ground, [strategy('RollingUpdate')])],
          risk: 'none: all agents are as it says',
          check: ground.command('kubectl -n {{namespace}} rollout status daemonset {{daemonSet}} --timeout=10m'),
        },
      ];
