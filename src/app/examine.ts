import { planFor } from '../collect/planFor.ts';
import type { AnyCheck } from '../core/Check.ts';
import type { Derivations } from '../core/Derivations.ts';
import { inNamespace } from '../core/inNamespace.ts';
import { runChecks } from '../core/runChecks.ts';
import { againstId, type FailOn, unknownsOf, type VerdictOptions } from '../core/verdict.ts';
import type { Phase } from '../core/Phase.ts';
import type { BaselineComparison } from '../expect/against/BaselineComparison.ts';
import { buildReport } from '../report/buildReport.ts';
import { renderJson } from '../report/renderJson.ts';
import { renderTable } from '../report/renderTable.ts';
import { type Args, isSet, listOf, stringOf } from '../cli/args.ts';
import { colorOf } from '../cli/colorOf.ts';
import { InterruptedError } from '../cli/InterruptedError.ts';
import type { Io } from '../terminal/Io.ts';
import type { Loaders } from './Loaders.ts';
import { planOptions } from '../cli/planOptions.ts';
import { known, selectChecks, withLeftOut } from './selectChecks.ts';
import { streamStyle } from '../terminal/streamStyle.ts';
import { takeSnapshot } from './takeSnapshot.ts';
import { version } from '../terminal/version.ts';

/** What is to be compared with an earlier time, beyond what checks need. */
export interface Comparison {
  readonly needs: Pick<AnyCheck, 'needs'>;
  /** Throws KprError where the two can't be compared. */
  compare(derivations: Derivations): Promise<BaselineComparison>;
}

/** Reads a cluster or an archive, runs a phase's checks on it and prints the report. Gives the exit code; throws KprError. */
export async function examine(
  phase: Phase,
  args: Args,
  io: Io,
  loaders: Loaders,
  prepare?: () => Promise<Comparison>,
): Promise<number> {
  const started = io.now();
  const isJson = stringOf(args, 'output') === 'json';
  const isQuiet = isSet(args, 'quiet');
  const isVerbose = isSet(args, 'verbose');
  const checks = await loaders.checks();
  // Everything that was typed is looked at before anything is asked of a cluster.
  const selection = selectChecks(checks, phase, { check: listOf(args, 'check'), skip: listOf(args, 'skip') });
  const failOn = failOnOf(args);
  const verdictOptions = {
    phase,
    failOn,
    strict: isSet(args, 'strict'),
    allowUnknown: allowedOf(args, checks),
  } as const;
  const options = planOptions(args);
  const comparison = await prepare?.();
  const plan = planFor([...selection.run, ...(comparison === undefined ? [] : [comparison.needs])], options);

  const { derivations, interrupted } = await takeSnapshot(args, plan, io, loaders);
  if (derivations === undefined) {
    throw new InterruptedError(
      'Interrupted before the cluster had answered',
      'Nothing is known, so nothing was judged',
    );
  }
  const against = await comparison?.compare(derivations);
  const everything = withLeftOut(checks, runChecks(selection.run, derivations), selection);
  const namespace = stringOf(args, 'namespace');
  const results = namespace === undefined ? everything : inNamespace(everything, namespace);
  const report = buildReport(results, derivations, {
    ...verdictOptions,
    against,
    interrupted,
    toolVersion: version,
    durationMs: Math.round(io.now() - started),
  });

  if (isSet(args, 'debug')) {
    for (const { bug } of results.flatMap((one) => unknownsOf(one))) if (bug) io.stderr.write(`${bug.stack}\n`);
  }
  if (interrupted && !isQuiet) io.stderr.write('Interrupted: this is what was known by then, the rest is unknown.\n');
  if (isJson) io.stdout.write(renderJson(report));
  else {
    const style = streamStyle(io.stdout, io, colorOf(args));
    io.stdout.write(
      renderTable(report, { ...style, failOn, detail: isVerbose ? 'verbose' : isQuiet ? 'quiet' : 'normal' }),
    );
  }
  return report.exitCode;
}

const failOnOf = (args: Args): FailOn => {
  const given = stringOf(args, 'fail-on');
  return given === 'warning' || given === 'info' || given === 'never' ? given : 'error';
};

function allowedOf(args: Args, checks: Awaited<ReturnType<Loaders['checks']>>): VerdictOptions['allowUnknown'] {
  if (args['allow-unknown'] === undefined) return new Set();
  const names = listOf(args, 'allow-unknown');
  if (names.length === 0) return 'all';
  const others = names.filter((name) => name !== againstId);
  return new Set([...known(others, 'allow-unknown', checks), ...names.filter((name) => name === againstId)]);
}
