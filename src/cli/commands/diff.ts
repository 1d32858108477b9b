import type { Loaders } from '../../app/Loaders.ts';
import { takeSnapshot } from '../../app/takeSnapshot.ts';
import { compareSnapshots, doubts } from '../../changes/compareSnapshots.ts';
import { type Objection, objectionsTo } from '../../changes/sameCluster.ts';
import { planFor } from '../../collect/planFor.ts';
import type { CollectPlan } from '../../collect/RawSource.ts';
import { KprError } from '../../core/KprError.ts';
import type { Snapshot } from '../../model/Snapshot.ts';
import { buildDiff, objectionText } from '../../report/diff/buildDiff.ts';
import { renderDiff } from '../../report/diff/renderDiff.ts';
import { renderUnified } from '../../report/diff/renderUnified.ts';
import { renderJson } from '../../report/renderJson.ts';
import type { Io } from '../../terminal/Io.ts';
import { streamStyle } from '../../terminal/streamStyle.ts';
import { version } from '../../terminal/version.ts';
import { visible } from '../../text/visible.ts';
import { type Args, isSet, stringOf } from '../args.ts';
import { colorOf } from '../colorOf.ts';
import { InterruptedError } from '../InterruptedError.ts';
import { planOptions } from '../planOptions.ts';
import { usageError } from '../usageError.ts';

/** What is compared, and what tells which cluster it is. */
const wanted = {
  needs: {
    cluster: ['nodes', 'services', 'endpointSlices', 'ciliumConfig'],
    node: ['iptables', 'nftTables', 'ipsets', 'ipvs', 'interfaces', 'proxyRules', 'proxyTable', 'lbTable'],
  },
} as const;

/**
 * What changed between two readings of a cluster: iptables by meaning or as a unified diff, and what Services reach. Exit codes
 * as kubectl diff: 0 the same, 1 different, more: an error. Throws KprError.
 */
export async function diff(args: Args, io: Io, loaders: Loaders): Promise<number> {
  const started = io.now();
  const { before: beforeFile, after: afterFile } = filesOf(args);
  const context = contextOf(args);
  const isJson = stringOf(args, 'output') === 'json';
  if (isJson && context !== undefined)
    throw usageError('--unified and -o json exclude each other', 'The JSON holds every rule that went or came');
  const plan = planFor([wanted], { ...planOptions(args), probe: false });
  const before = await take({ ...args, from: beforeFile }, plan, io, loaders);
  const after = await take({ ...args, from: afterFile }, plan, io, loaders);
  const objections = objectionsTo(before.snapshot, after.snapshot);
  const [first] = objections;
  if (first !== undefined && !isSet(args, 'allow-mismatch')) {
    throw new KprError(objectionText(first), `${wayOut[first.kind]}; --allow-mismatch compares them all the same`);
  }
  const changes = compareSnapshots(before.snapshot, after.snapshot);
  const interrupted = before.interrupted || after.interrupted;
  const document = buildDiff(
    changes,
    { before: before.snapshot, after: after.snapshot },
    {
      toolVersion: version,
      durationMs: Math.round(io.now() - started),
      interrupted,
      objections,
      namespace: stringOf(args, 'namespace'),
    },
  );
  const style = streamStyle(io.stdout, io, colorOf(args));
  if (isJson) io.stdout.write(renderJson(document));
  else if (context !== undefined) {
    const { compared } = document.nodes;
    for (const patch of renderUnified(before.snapshot, after.snapshot, compared, context, style))
      io.stdout.write(patch);
    const lacking = doubts(changes);
    const what = [...new Set(lacking.map((one) => one.what))].join(', ');
    if (lacking.length > 0 && !isSet(args, 'quiet'))
      io.stderr.write(`Not in it, because it was not read: ${visible(what)}\n`);
  } else {
    const detail = isSet(args, 'verbose') ? 'verbose' : isSet(args, 'quiet') ? 'quiet' : 'normal';
    io.stdout.write(renderDiff(document, { ...style, detail }));
  }
  return document.exitCode;
}

const wayOut: Readonly<Record<Objection['kind'], string>> = {
  swapped: 'Give the older one first',
  otherCluster: 'Give two captures of one cluster',
  redacted:
    'Redact the other one, too (kubectl kpr capture --from FILE --redact -o NEW), with the same key if one was given',
};

function filesOf(args: Args): { before: string; after: string | undefined } {
  const [before, after] = [stringOf(args, 'before'), stringOf(args, 'after')];
  if (before === undefined)
    throw usageError(
      'diff needs a capture to compare with',
      'For example: kubectl kpr diff before.kpr, or diff before.kpr after.kpr',
    );
  if (args['after'] === '')
    throw usageError('The second capture’s name is empty', 'Leave it out to compare with the cluster as it is now');
  if (after !== undefined && isSet(args, 'live'))
    throw usageError(
      '--live and a second capture exclude each other',
      'Leave one of them out; without a second capture the cluster is read',
    );
  return { before, after };
}

function contextOf(args: Args): number | undefined {
  const given = stringOf(args, 'unified');
  if (given === undefined) return undefined;
  if (!/^\d{1,9}$/.test(given)) throw usageError(`--unified ${given} is no number of lines`, 'For example: -U 3');
  return Number(given);
}

async function take(
  args: Args,
  plan: CollectPlan,
  io: Io,
  loaders: Loaders,
): Promise<{ readonly snapshot: Snapshot; readonly interrupted: boolean }> {
  const { derivations, interrupted } = await takeSnapshot(args, plan, io, loaders, { withoutCilium: true, once: true });
  if (derivations === undefined)
    throw new InterruptedError('Interrupted before everything was read', 'Nothing is known, so nothing was compared');
  return { snapshot: derivations.snapshot, interrupted };
}
