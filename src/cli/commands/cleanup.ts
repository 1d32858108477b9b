import { join } from 'node:path';
import { applyPlan } from '../../app/applyPlan.ts';
import type { Loaders } from '../../app/Loaders.ts';
import { scriptContext } from '../../app/scriptContext.ts';
import { takeSnapshot } from '../../app/takeSnapshot.ts';
import { writeScripts } from '../../app/writeScripts.ts';
import { planFor } from '../../collect/planFor.ts';
import { coveredNodes, type Derivations } from '../../core/Derivations.ts';
import { KprError } from '../../core/KprError.ts';
import type { Snapshot } from '../../model/Snapshot.ts';
import type { NodeCleanup, NodePlan } from '../../remedy/cleanup/NodeCleanup.ts';
import { planNode } from '../../remedy/cleanup/planNode.ts';
import { renderScript, scriptName, waysToRun } from '../../remedy/cleanup/renderScript.ts';
import { summarize } from '../../remedy/cleanup/summarize.ts';
import type { Io } from '../../terminal/Io.ts';
import { visible } from '../../text/visible.ts';
import { type Args, isSet, stringOf } from '../args.ts';
import { nodesOf } from '../flags.ts';
import { InterruptedError } from '../InterruptedError.ts';
import { planOptions } from '../planOptions.ts';
import { usageError } from '../usageError.ts';

/** What is left, and whether it is safe to take it away: kube-proxy's absence, the replacement, and its tables against the API. */
const wanted = {
  needs: {
    cluster: [
      'version',
      'nodes',
      'services',
      'endpointSlices',
      'pods',
      'localRedirectPolicies',
      'daemonSets',
      'systemPods',
      'ciliumConfig',
    ],
    node: [
      'status',
      'startedConfig',
      'nodeAddresses',
      'lbTable',
      'agentTable',
      'iptables',
      'nftTables',
      'interfaces',
      'ipsets',
      'ipvs',
      'proxyHealth',
    ],
  },
} as const;

/** Scripts that take away what kube-proxy left; with --apply one of them is run. Gives the exit code; throws KprError. */
export async function cleanup(args: Args, io: Io, loaders: Loaders): Promise<number> {
  checkUsage(args);
  const derivations = await read(args, io, loaders);
  const { snapshot } = derivations;
  const nodes = cleanupsOf(args, derivations);
  const planned = nodes.flatMap((one) => (one.kind === 'planned' ? [one.plan] : []));
  const folder = stringOf(args, 'output');
  if (isSet(args, 'apply')) return apply(args, io, loaders, snapshot, nodes);
  const textOf = (plan: NodePlan): string => renderScript(plan, scriptContext(plan.node, snapshot));
  if (folder !== undefined) {
    const scripts = planned.map((plan) => ({ name: scriptName(plan), text: () => textOf(plan) }));
    await writeScripts(folder, scripts, isSet(args, 'overwrite'));
  } else {
    for (const [index, plan] of planned.entries()) {
      // One alone can be piped to where it is to run; of several each begins with its name.
      if (planned.length > 1) io.stdout.write(`${index === 0 ? '' : '\n'}# ==== ${visible(scriptName(plan))} ====\n`);
      io.stdout.write(textOf(plan));
    }
  }
  const out = folder === undefined ? io.stderr : io.stdout;
  for (const one of nodes) {
    for (const line of summarize(one)) out.write(`${visible(line)}\n`);
    if (one.kind !== 'planned') continue;
    const file = folder === undefined ? scriptName(one.plan) : join(folder, scriptName(one.plan));
    for (const line of howToRun(one.plan, snapshot, file)) out.write(`    ${visible(line)}\n`);
  }
  if (nodes.length === 0) out.write('No node was examined.\n');
  if (planned.length > 0) out.write('Nothing was changed. One node first; then see: kubectl kpr doctor\n');
  return exitCodeOf(nodes);
}

function checkUsage(args: Args): void {
  if (!isSet(args, 'apply')) {
    if (isSet(args, 'yes')) throw usageError('--yes has a meaning with --apply only');
    if (isSet(args, 'overwrite') && stringOf(args, 'output') === undefined)
      throw usageError('--overwrite has a meaning with -o only');
    return;
  }
  const without = 'Without --apply the script is printed, and nothing is changed';
  if (stringOf(args, 'from') !== undefined) throw usageError('--apply cannot change a file that was captured', without);
  if (stringOf(args, 'output') !== undefined)
    throw usageError('--apply runs a script, -o writes it: choose one', without);
  if (nodesOf(args) === undefined)
    throw usageError('--apply needs --node: one node first, so that there is a node to compare with', without);
  if (!isSet(args, 'yes'))
    throw usageError('--apply changes the node, so it needs --yes, too; nothing was changed', without);
}

async function read(args: Args, io: Io, loaders: Loaders): Promise<Derivations> {
  const plan = planFor([wanted], planOptions(args));
  const { derivations, interrupted } = await takeSnapshot(args, plan, io, loaders, { counters: false });
  // What was not read might speak against it.
  if (derivations === undefined || interrupted)
    throw new InterruptedError('Interrupted before all was read', 'No script was made, and nothing was changed');
  const { origin } = derivations.snapshot;
  if (origin.kind === 'capture' && origin.redacted === true)
    throw new KprError(
      `${origin.file} is redacted: a script would be for nodes by names that none of them has`,
      'Make it from the cluster itself, or from a capture that is not redacted',
    );
  return derivations;
}

function cleanupsOf(args: Args, derivations: Derivations): readonly NodeCleanup[] {
  const { snapshot } = derivations;
  for (const name of nodesOf(args) ?? []) {
    const node = snapshot.nodes.find((one) => one.name === name);
    if (node === undefined) throw usageError(`There is no node ${name}`, 'kubectl get nodes lists them');
    if (node.coverage.kind === 'excluded') throw usageError(`Node ${name} has no agent: ${node.coverage.why}`);
  }
  return coveredNodes(snapshot).map((node) => planNode(node, derivations));
}

async function apply(
  args: Args,
  io: Io,
  loaders: Loaders,
  snapshot: Snapshot,
  nodes: readonly NodeCleanup[],
): Promise<number> {
  for (const one of nodes) {
    for (const line of summarize(one)) io.stdout.write(`${visible(line)}\n`);
    if (one.kind !== 'planned') continue;
    const exitCode = await applyPlan(one.plan, snapshot, args, io, loaders);
    if (exitCode !== 0) return exitCode;
  }
  if (!nodes.some(({ kind }) => kind === 'planned')) return exitCodeOf(nodes);
  const after = cleanupsOf(args, await read(args, io, loaders));
  io.stdout.write('Read again:\n');
  for (const one of after) for (const line of summarize(one)) io.stdout.write(`  ${visible(line)}\n`);
  return after.some(({ kind }) => kind === 'planned') ? 1 : exitCodeOf(after);
}

/** 1: somewhere it must not be done now. 3: somewhere it is not known whether it may be, or what is left. */
function exitCodeOf(nodes: readonly NodeCleanup[]): number {
  const obstacles = nodes.flatMap((one) => (one.kind === 'blocked' ? one.obstacles : []));
  if (obstacles.some(({ kind }) => kind === 'refused')) return 1;
  const isUnknown = nodes.some((one) => one.kind !== 'blocked' && one.unread.length > 0);
  return obstacles.length > 0 || isUnknown || nodes.length === 0 ? 3 : 0;
}

function howToRun(plan: NodePlan, snapshot: Snapshot, file: string): readonly string[] {
  const check = waysToRun(plan, scriptContext(plan.node, snapshot), file, 'check');
  return [
    ...(check.agent === undefined ? [] : [`look:  ${check.agent}`]),
    ...(check.needsNode || check.agent === undefined
      ? [
          `${check.agent === undefined ? 'look:  ' : 'with the node’s own programs, for what the agent’s image has none:  '}${check.node}`,
        ]
      : []),
    'do it: the same with run in place of check',
  ];
}
