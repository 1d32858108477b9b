import { join } from 'node:path';
import { planFor } from '../collect/planFor.ts';
import { coveredNodes, type Derivations } from '../core/Derivations.ts';
import { InterruptedError, KprError } from '../core/KprError.ts';
import { tableParity } from '../expect/parity/tableParity.ts';
import type { OutputStream } from '../terminal/Io.ts';
import type { Snapshot } from '../model/Snapshot.ts';
import type { NodeCleanup, NodePlan } from '../remedy/cleanup/NodeCleanup.ts';
import { planNode } from '../remedy/cleanup/planNode.ts';
import { kubectlOf } from '../remedy/fill.ts';
import { renderScript, type ScriptContext, scriptName, waysToRun } from '../remedy/cleanup/renderScript.ts';
import { summarizeAll } from '../remedy/cleanup/summarize.ts';
import { toolVersion } from '../terminal/tool.ts';
import { visible } from '../text/visible.ts';
import { wrap } from '../text/wrap.ts';
import { applyPlan } from './applyPlan.ts';
import type { Context } from './Context.ts';
import type { ClusterOptions } from './openSource.ts';
import type { SpeechOptions } from './print.ts';
import { refuseExcludedNodes, refuseUnread } from './selected.ts';
import { type ReadOptions, takeSnapshot } from './takeSnapshot.ts';
import { writeScripts } from './writeScripts.ts';

export interface CleanupOptions extends ReadOptions, SpeechOptions {
  readonly scripts:
    | { readonly kind: 'print' }
    | { readonly kind: 'write'; readonly folder: string; readonly overwrite: boolean }
    /** Runs them: the only thing that this program ever changes. */
    | { readonly kind: 'apply'; readonly cluster: ClusterOptions };
}

/**
 * What is left, and whether it is safe to take it away: kube-proxy's absence, the replacement, and its tables
 * against the API.
 */
const wanted = {
  requires: {
    cluster: ['version', 'nodes', 'services', 'daemonSets', 'systemPods', 'ciliumConfig'],
    node: [
      'status',
      'startedConfig',
      'agentTable',
      'iptables',
      'nftTables',
      'interfaces',
      'ipsets',
      'ipvs',
      'proxyHealth',
    ],
  },
  uses: [tableParity],
} as const;

/**
 * Scripts that take away what kube-proxy left; with --apply one of them is run. Gives the exit code; throws KprError.
 */
export async function cleanUp(options: CleanupOptions, context: Context): Promise<number> {
  const { scripts } = options;
  const derivations = await read(options, context);
  const { snapshot } = derivations;
  const nodes = cleanupsOf(derivations);
  if (scripts.kind === 'apply') return apply(scripts.cluster, options, snapshot, nodes, context);
  const planned = nodes.flatMap((one) => (one.kind === 'planned' ? [one.plan] : []));
  const { stdout, stderr } = context.io;
  if (scripts.kind === 'print' && (stdout.isTTY === true || options.limits.nodes?.size !== 1)) {
    tellHowToGoOn(nodes, planned, stdout);
    tellWhereElse(snapshot, nodes, stdout);
    return exitCodeOf(nodes);
  }
  if (scripts.kind === 'write') {
    const files = planned.map((plan) => ({ name: scriptName(plan), text: () => scriptOf(plan, snapshot) }));
    await writeScripts(scripts.folder, files, scripts.overwrite);
  } else for (const plan of planned) stdout.write(scriptOf(plan, snapshot));
  const out = scripts.kind === 'write' ? stdout : stderr;
  const folder = scripts.kind === 'write' ? scripts.folder : '';
  tell(
    nodes.filter(({ kind }) => kind !== 'planned'),
    out,
  );
  for (const one of nodes) {
    if (one.kind !== 'planned') continue;
    tell([one], out);
    for (const line of howToRun(one.plan, snapshot, join(folder, scriptName(one.plan))))
      out.write(`    ${visible(line)}\n`);
  }
  if (planned.length > 0) out.write('Nothing was changed. One node first; then see: kubectl kpr doctor\n');
  return exitCodeOf(nodes);
}

/** Nobody has a use for hundreds of lines that scroll by, or for the scripts of several nodes in one stream. */
function tellHowToGoOn(nodes: readonly NodeCleanup[], planned: readonly NodePlan[], out: OutputStream): void {
  tell(nodes, out);
  const [first] = planned;
  if (first === undefined) return;
  say(out, 'Nothing was changed, and nothing was written. The same command');
  say(out, '    with -o FOLDER writes a script for each of these nodes, and says how it is looked at and run');
  say(out, `    with --node ${first.node} > ${scriptName(first)} writes the one of this node`);
}

/** What a sysdump never holds, nobody needs to look for in another one. */
function tellWhereElse({ origin }: Snapshot, nodes: readonly NodeCleanup[], out: OutputStream): void {
  if (origin.kind === 'sysdump' && nodes.some(isOpen))
    say(out, 'A sysdump does not hold all that has to be known for a script: run cleanup on the cluster itself');
}

const isOpen = (one: NodeCleanup): boolean =>
  one.kind === 'blocked' && one.obstacles.some(({ kind }) => kind !== 'refused');

function tell(nodes: readonly NodeCleanup[], out: OutputStream, indent = ''): void {
  for (const line of summarizeAll(nodes)) say(out, indent + line);
}

/** A sentence, wrapped on a terminal; its blanks at the beginning are kept in each line. */
function say(out: OutputStream, text: string): void {
  const [indent = ''] = /^ */.exec(text) ?? [];
  const width = out.isTTY === true && out.columns !== undefined ? Math.max(20, out.columns - indent.length) : undefined;
  for (const line of wrap(visible(text.trimStart()), width)) out.write(`${indent}${line}\n`);
}

const scriptOf = (plan: NodePlan, snapshot: Snapshot): string => renderScript(plan, scriptContext(plan.node, snapshot));

/** What the clean-up script of a node says of where it comes from and how it is run. */
const scriptContext = (node: string, { nodes, origin, takenAt }: Snapshot): ScriptContext => ({
  toolVersion,
  takenAt,
  kubectl: kubectlOf({ origin }),
  archive: origin.kind === 'live' ? undefined : origin.file,
  agent: nodes.find(({ name }) => name === node)?.agent,
});

async function read({ source, limits, verbosity }: CleanupOptions, context: Context): Promise<Derivations> {
  const progress = { verbosity, forPeople: true };
  const refuse = (early: Snapshot): void => refuseExcludedNodes(early, limits.nodes);
  const options = { progress, refuse, counters: false };
  const { derivations, interrupted } = await takeSnapshot(source, planFor([wanted], limits), options, context);
  // What was not read might speak against it.
  if (derivations === undefined || interrupted)
    throw new InterruptedError('Interrupted before all was read', 'No script was made, and nothing was changed');
  const { origin } = derivations.snapshot;
  if (origin.kind === 'capture' && origin.redacted === true)
    throw new KprError(
      `${origin.file} is redacted: a script would be for nodes by names that none of them has`,
      'Make it from the cluster itself, or from a capture that is not redacted',
    );
  refuseUnread(derivations.snapshot);
  return derivations;
}

const cleanupsOf = (derivations: Derivations): readonly NodeCleanup[] =>
  coveredNodes(derivations.snapshot).map((node) => planNode(node, derivations));

async function apply(
  cluster: ClusterOptions,
  options: CleanupOptions,
  snapshot: Snapshot,
  nodes: readonly NodeCleanup[],
  context: Context,
): Promise<number> {
  const { stdout } = context.io;
  for (const one of nodes) {
    tell([one], stdout);
    if (one.kind !== 'planned') continue;
    const exitCode = await applyPlan(one.plan, scriptContext(one.plan.node, snapshot), cluster, context);
    if (exitCode !== 0) return exitCode;
  }
  if (!nodes.some(({ kind }) => kind === 'planned')) return exitCodeOf(nodes);
  const after = cleanupsOf(await read(options, context));
  stdout.write('Read again:\n');
  tell(after, stdout, '  ');
  return after.some(({ kind }) => kind === 'planned') ? 1 : exitCodeOf(after);
}

/** 1: somewhere it must not be done now. 3: somewhere it is not known whether it may be, or what is left. */
function exitCodeOf(nodes: readonly NodeCleanup[]): number {
  const obstacles = nodes.flatMap((one) => (one.kind === 'blocked' ? one.obstacles : []));
  if (obstacles.some(({ kind }) => kind === 'refused')) return 1;
  const isUnknown = nodes.some((one) => one.kind !== 'blocked' && one.unread.length > 0);
  return obstacles.length > 0 || isUnknown ? 3 : 0;
}

/** For the person who is to run it. */
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
