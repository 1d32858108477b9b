import { listNames } from '../../text/names.ts';
import type { Values } from '../fill.ts';
import type { CarriedSetting, ChecklistStep } from './Checklist.ts';
import type { Ground } from './Ground.ts';

/** The file names that steps use; a capture that is at hand has its own. */
export const files = {
  capture: 'before.kpr',
  kubeProxy: 'kube-proxy-before.yaml',
} as const;

/** Of a name of its own for each change: those from before the first are the way back of all. */
export const valuesFile = ({ intent }: Ground): string => `cilium-values-before-${intent.change}.yaml`;

/** Selects nodes one by one (cilium: Documentation/configuration/per-node-config.rst). */
export const migrationLabel = 'io.cilium.migration/kube-proxy-replacement';

export const captureFile = ({ intent }: Ground): string => intent.capture?.file ?? files.capture;

export function captureStep(ground: Ground): ChecklistStep {
  const { capture } = ground.intent;
  return {
    text: 'Capture the cluster as it is: what it serves now is what it has to serve afterwards',
    where: 'workstation',
    commands: [ground.command('kubectl kpr capture -o {{file}}', { file: captureFile(ground) })],
    ...(capture && { done: `${capture.file} of ${capture.takenAt}` }),
  };
}

/** What a capture does not hold: objects with all that they have, and the values of a release, which are a Secret. */
export function keepStep(ground: Ground): ChecklistStep {
  const { daemonSet, settings } = ground.proxy;
  // What is left of it when it has gone is not to take the place of what was kept before.
  const hasGone = ground.intent.change === 'rollback' && daemonSet === undefined;
  const objects = hasGone
    ? []
    : [
        ...(daemonSet === undefined ? [] : [`daemonset/${daemonSet.metadata.name}`]),
        ...(settings === undefined ? [] : ['configmap/kube-proxy']),
      ];
  const proxyNamespace = daemonSet?.metadata.namespace ?? 'kube-system';
  const kubeProxy = `kubectl -n {{proxyNamespace}} get ${objects.map((_, at) => `{{object${at}}}`).join(' ')} -o yaml > ${files.kubeProxy}`;
  const values = { proxyNamespace, ...Object.fromEntries(objects.map((one, at) => [`object${at}`, one])) };
  return {
    text: `Keep what the way back needs: ${objects.length === 0 ? '' : 'kube-proxy’s objects, and '}the values of Cilium’s release`,
    where: 'workstation',
    commands: [
      ...(objects.length === 0 ? [] : [ground.command(kubeProxy, values)]),
      ...(ground.release === undefined
        ? []
        : [ground.command(`helm get values {{release}} -n {{namespace}} -o yaml > ${valuesFile(ground)}`)]),
    ],
  };
}

/** A value of the chart, as it stands behind `--set`. */
interface HelmValue {
  readonly helm: string;
  readonly value: string;
}

export const settable = (settings: readonly CarriedSetting[]): readonly HelmValue[] =>
  settings.flatMap(({ helm, value }) => (helm === null ? [] : [{ helm, value }]));

/** Of the version that runs, unless another is given; the release keeps its other values. */
export const upgradeCommand = (ground: Ground, values: readonly HelmValue[]): string =>
  helmUpgrade(ground, { flags: ' --reset-then-reuse-values', texts: {} }, values);

/** The same for the first command of a change: values that were given are all that counts. */
export function firstUpgrade(ground: Ground, values: readonly HelmValue[]): string {
  const { values: given } = ground.intent;
  if (given === undefined) return upgradeCommand(ground, values);
  const all = [
    ...given.files.map((file) => ({ flag: '-f', text: file === '-' ? 'VALUES.yaml' : file })),
    ...given.sets,
  ];
  const flags = all.map(({ flag }, at) => ` ${flag} {{given${at}}}`).join('');
  return helmUpgrade(
    ground,
    { flags, texts: Object.fromEntries(all.map(({ text }, at) => [`given${at}`, text])) },
    values,
  );
}

interface Given {
  readonly flags: string;
  readonly texts: Values;
}

function helmUpgrade(ground: Ground, { flags, texts }: Given, values: readonly HelmValue[]): string {
  const version = ground.intent.toVersion ?? ground.version?.version;
  const sets = values.map((_, at) => ` --set {{value${at}}}`).join('');
  const own = Object.fromEntries(values.map(({ helm, value }, at) => [`value${at}`, `${helm}=${value}`]));
  return ground.command(
    `helm upgrade {{release}} cilium/cilium -n {{namespace}} --version {{version}}${flags}${sets}`,
    { version, ...texts, ...own },
  );
}

/** Without a release, or where other programs keep its values, a person knows where they stand. */
export const byHand = (values: readonly HelmValue[]): string =>
  `set ${listNames(
    values.map(({ helm, value }) => `${helm}=${value.replaceAll('\\,', ',')}`),
    true,
  )} where the values of Cilium’s chart are kept (cilium-config was not written by a release of Helm)`;

/** The agents of nodes that have a label are told otherwise than the others. */
export function nodeConfigStep(ground: Ground, turn: 'on' | 'off'): ChecklistStep {
  const value = turn === 'on' ? 'true' : 'false';
  const name = configName(turn);
  // One line: what is indented in a report would not end a here-document.
  const object = JSON.stringify({
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNodeConfig',
    metadata: { name, namespace: ground.snapshot.cilium.namespace },
    spec: {
      nodeSelector: { matchLabels: { [migrationLabel]: value } },
      defaults: { 'kube-proxy-replacement': value },
    },
  });
  return {
    text: `Make a CiliumNodeConfig that turns the replacement ${turn} for the nodes that have a label, which none has yet`,
    where: 'workstation',
    commands: [ground.command('echo {{object}} | kubectl apply -f -', { object })],
    risk: 'none: it selects no node',
    wayBack: ground.command('kubectl -n {{namespace}} delete ciliumnodeconfig {{name}}', { name }),
  };
}

/** What was said of each node is said of all, and the exceptions go: no agent starts again for that. */
export function forGoodStep(
  ground: Ground,
  turn: 'on' | 'off',
  risk: string,
  back: 'enable' | 'rollback',
): ChecklistStep {
  const value = [{ helm: 'kubeProxyReplacement', value: turn === 'on' ? 'true' : 'false' }];
  const cleared = [
    ground.command('kubectl -n {{namespace}} delete ciliumnodeconfig {{name}}', { name: configName(turn) }),
    ground.command('kubectl label nodes --all {{key}}-', { key: migrationLabel }),
  ];
  const step = {
    where: 'workstation',
    risk,
    check: ground.command('kubectl kpr verify --wait=3m'),
    wayBack: ground.command(`kubectl kpr preflight --change ${back}`),
  } as const;
  const text =
    'Say it for all nodes when every one of them is through, and take the CiliumNodeConfig and the labels away';
  if (ground.release === undefined)
    return { ...step, text: `${text}: ${byHand(value)}, then`, decision: true, commands: cleared };
  return { ...step, text, commands: [upgradeCommand(ground, value), ...cleared] };
}

const configName = (turn: 'on' | 'off'): string => (turn === 'on' ? 'kube-proxy-replacement' : 'kube-proxy-serves');

/** Ends the agent's pod of one node, and waits until its successor is ready. `node` is a name, or `"$node"`. */
const renewed = (node: string): string =>
  `kubectl -n {{namespace}} delete pod -l k8s-app=cilium --field-selector spec.nodeName=${node} && sleep 10 && kubectl -n {{namespace}} wait --for=condition=Ready pod -l k8s-app=cilium --field-selector spec.nodeName=${node} --timeout=10m`;

interface NodeSteps {
  /** The nodes that are not as they are to be. */
  readonly nodes: readonly string[];
  /** Of all covered nodes. */
  readonly all: number;
  /** What is set on a node before its agent starts again; undefined: nothing is. */
  readonly label: string | undefined;
  readonly what: string;
  readonly risk: string;
  /** With `{{node}}`. */
  readonly check: string;
}

/** One node, a look at it, and the others one after the other, each with a look. */
export function nodeByNode(ground: Ground, steps: NodeSteps): readonly ChecklistStep[] {
  const { nodes, all, label, what, risk, check } = steps;
  const [first, ...others] = nodes;
  const done = all - nodes.length;
  const already = done === 0 ? '' : ` (${done} of ${all} nodes are so already)`;
  if (first === undefined) return [{ text: what, where: 'workstation', commands: [], done: `on all of ${all} nodes` }];
  const labelled = (node: string): string =>
    label === undefined ? '' : `kubectl label node ${node} --overwrite {{label}} && `;
  const back = label === undefined ? undefined : `kubectl label node {{node}} {{key}}- && ${renewed('{{node}}')}`;
  const values = { node: first, label, key: label?.split('=')[0] };
  const look = ground.command(check, { node: first });
  const one: ChecklistStep = {
    text: `${what} on one node, ${first}, and look at it before you go on${already}`,
    where: 'workstation',
    commands: [ground.command(labelled('{{node}}') + renewed('{{node}}'), values)],
    risk,
    check: look,
    ...(back !== undefined && { wayBack: ground.command(back, values) }),
  };
  if (others.length === 0) return [one];
  const names = others.map((_, at) => `{{node${at}}}`).join(' ');
  const loop = `for node in ${names}; do ${labelled('"$node"')}${renewed('"$node"')} && ${check.replaceAll('{{node}}', '"$node"')} || break; done`;
  const more = Object.fromEntries(others.map((node, at) => [`node${at}`, node]));
  const rest: ChecklistStep = {
    text: `${what} on the others, one after the other; it stops at the first that is not well`,
    where: 'workstation',
    commands: [ground.command(loop, { ...values, ...more })],
    risk,
    check: ground.command('kubectl kpr verify --wait=3m'),
    ...(back !== undefined && { wayBack: ground.command(back, { ...values, node: 'NODE' }) }),
  };
  return [one, rest];
}
