import { readYamlObject } from '../collect/archive/readYaml.ts';
import { readSmallFile } from '../collect/readSmallFile.ts';
import type { AnyCheck } from '../core/Check.ts';
import { type KnownFindings, knownFindings } from '../core/knownFindings.ts';
import { KprError } from '../core/KprError.ts';
import type { CheckResult } from '../core/runChecks.ts';
import { type Suppressed, suppress, type Suppression } from '../core/suppress.ts';
import { valueOf } from '../model/Fact.ts';
import type { Snapshot } from '../model/Snapshot.ts';
import { type FindingsBaseline, parseFindingsBaseline } from '../parse/parseFindingsBaseline.ts';
import { annotatedSuppressions, parseSuppressions } from '../parse/parseSuppressions.ts';
import { suppressAnnotation } from '../core/suppressionLine.ts';
import type { BaselineDocument } from '../report/BaselineDocument.ts';
import type { SuppressedResults } from '../report/buildReport.ts';
import type { ReportDocument } from '../report/ReportDocument.ts';
import { putFile } from './putFile.ts';
import { failureText } from '../text/failureText.ts';

/** A file of suppressions, read before anything is asked of a cluster. Throws KprError. */
export function readSuppressions(file: string | undefined): readonly Suppression[] {
  if (file === undefined) return [];
  const parsed = parseSuppressions(readDocument(file, 'suppressions'), file);
  if (parsed.ok) return parsed.suppressions;
  throw new KprError(
    `${file} cannot be used: ${parsed.why}`,
    'Each suppression has a code, a reason and a last day (until); the README shows one',
  );
}

/** What an earlier run found. Throws KprError. */
export function readKnownFindings(
  file: string | undefined,
): { readonly takenAt: FindingsBaseline['takenAt']; readonly known: KnownFindings } | undefined {
  if (file === undefined) return undefined;
  const baseline = parseFindingsBaseline(readDocument(file, 'baseline'));
  if (baseline === undefined)
    throw new KprError(`${file} is no baseline`, 'Write one with --save-baseline FILE, or give a report of -o json');
  return { takenAt: baseline.takenAt, known: knownFindings(baseline.findings) };
}

/** YAML, of which JSON is a part. */
function readDocument(file: string, what: string): unknown {
  try {
    return readYamlObject(readSmallFile(file));
  } catch (error) {
    throw new KprError(
      `The file with the ${what} cannot be read: ${failureText(error)}`,
      `Check the name ${file} and what it holds`,
    );
  }
}

/** Without what the user and annotations of Services suppress, as of the day on which the cluster was read. */
export function suppressed(
  results: readonly CheckResult[],
  given: readonly Suppression[],
  { facts, takenAt }: Snapshot,
  checks: readonly AnyCheck[],
): SuppressedResults & Pick<Suppressed, 'results'> {
  const annotated = annotatedSuppressions(valueOf(facts.services) ?? []);
  const known = new Set<string>(checks.flatMap(({ id, codes }) => [id, ...codes]));
  const owners = new Set<string>(
    checks.flatMap(({ id, raises }) =>
      raises.flatMap(({ code, harmsOnlyItsObjects }) => (harmsOnlyItsObjects === true ? [id, code] : [])),
    ),
  );
  const refused = annotated.suppressions.filter(({ code }) => !owners.has(code));
  const malformed = annotated.malformed.map(
    ({ service, line }) => `Service ${service}: ${suppressAnnotation} ${JSON.stringify(line)}`,
  );
  const all = [...given, ...annotated.suppressions.filter(({ code }) => owners.has(code))];
  const whyNot = (code: string): string =>
    known.has(code)
      ? `${code} may be others’ harm, so that no Service suppresses it (--suppressions and --skip do)`
      : `${code} names no check and no code`;
  return {
    ...suppress(results, all, takenAt.slice(0, 10)),
    malformed: [...malformed, ...refused.map(({ by, code }) => `${by}: ${whyNot(code)}`)],
  };
}

/** Remembers what was found, for --baseline. Throws KprError; a reading that is not whole is no baseline. */
export function saveBaseline(file: string, report: ReportDocument): void {
  if (report.verdict === 'interrupted' || report.verdict === 'error')
    throw new KprError(`${file} was not written: not everything was read`, 'Run it again, and let it end');
  const { schemaVersion, tool, takenAt, cluster, summary } = report;
  const findings = report.findings.map(({ code, variant, severity, nodes, objects }) => ({
    code,
    variant,
    severity,
    nodes,
    objects,
  }));
  const document: BaselineDocument = {
    schemaVersion,
    tool,
    summary: { findings: summary.findings },
    takenAt,
    cluster: { context: cluster.context },
    findings,
  };
  putFile(file, `${JSON.stringify(document, undefined, 2)}\n`, 'Choose another file');
}
