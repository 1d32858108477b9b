import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ciliumSources } from './goModules.ts';
import { type Point, Replay } from './Replay.ts';

/**
 * Conformance with Cilium's own tests: replays the Kubernetes objects of its load-balancing scripts and compares what
 * this program expects with the maps that Cilium's maintainers expect. Nothing of the scripts is kept here; they are
 * read from Go's module cache. `node test/conformance/run.ts [-v] [VERSION…]`; exit code 1 when something differs.
 */
/** Those that the bed builds, and the newest of their branches. */
const versions = ['1.18.4', '1.18.11', '1.19.6', '1.19.7', '1.20.1', '1.20.2'];
const folders = ['pkg/loadbalancer/tests/testdata', 'pkg/loadbalancer/redirectpolicy/testdata'];

const args = process.argv.slice(2);
const verbose = args.includes('-v');
const asked = args.filter((arg) => !arg.startsWith('-'));
let different = 0;

for (const version of asked.length === 0 ? versions : asked) {
  const sources = ciliumSources(version);
  if ('why' in sources) {
    console.log(`Cilium ${version}: skipped: ${sources.why}\n`);
    continue;
  }
  const rows = folders.flatMap((folder) =>
    scriptsIn(join(sources.dir, folder)).map((file) => rowOf(file, folder, version)),
  );
  const count = (wanted: Row['result']): number => rows.filter(({ result }) => result === wanted).length;
  const points = rows.flatMap((row) => row.points);
  const pointCount = (wanted: Point['outcome']): number => points.filter(({ outcome }) => outcome === wanted).length;
  different += count('different');
  console.log(
    `Cilium ${version}: ${rows.length} scripts: ${count('equal')} equal, ${count('different')} different, ${count('not applicable')} not applicable;` +
      ` ${points.length} comparisons: ${pointCount('equal')} equal, ${pointCount('different')} different, ${pointCount('notApplicable')} not applicable`,
  );
  const width = Math.max(...rows.map(({ name }) => name.length));
  for (const { name, result, how } of rows) console.log(`  ${name.padEnd(width)}  ${result.padEnd(14)}  ${how}`);
  if (verbose) for (const row of rows) printDifferences(row);
  console.log('');
}
process.exitCode = different === 0 ? 0 : 1;

interface Row {
  readonly name: string;
  readonly result: 'equal' | 'different' | 'not applicable';
  readonly how: string;
  readonly points: readonly Point[];
}

function scriptsIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.txtar'))
    .toSorted()
    .map((name) => join(folder, name));
}

function rowOf(file: string, folder: string, version: string): Row {
  const redirects = folder.includes('redirectpolicy');
  const name = `${redirects ? 'redirectpolicy/' : ''}${basename(file, '.txtar')}`;
  // What the scripts' own runner sets before it reads their flags.
  const settings = { 'kube-proxy-replacement': 'true', 'enable-local-redirect-policy': String(redirects) };
  const points = new Replay(readFileSync(file, 'utf8'), version, settings).run();
  return { name, points, ...resultOf(points) };
}

function resultOf(points: readonly Point[]): Pick<Row, 'result' | 'how'> {
  const of = (outcome: Point['outcome']): readonly Point[] => points.filter((point) => point.outcome === outcome);
  const reasons = [...new Set(of('notApplicable').flatMap(({ details }) => details))].join('; ');
  const wrong = of('different');
  const maps = of('equal').filter((point) => point.of === 'maps').length;
  const tables = of('equal').length - maps;
  const aside = of('notApplicable').length === 0 ? '' : `; ${of('notApplicable').length} not applicable: ${reasons}`;
  if (wrong.length > 0) {
    const [first] = wrong;
    return {
      result: 'different',
      how: `${wrong.length} of ${points.length}, the first at line ${first?.line}: ${first?.details[0] ?? ''}`,
    };
  }
  if (of('equal').length > 0) return { result: 'equal', how: `${maps} map dumps, ${tables} frontend tables${aside}` };
  return { result: 'not applicable', how: points.length === 0 ? 'compares neither maps nor frontends' : reasons };
}

function printDifferences({ name, points }: Row): void {
  for (const { line, command, outcome, details } of points) {
    if (outcome !== 'different') continue;
    console.log(`\n  ${name} line ${line}: ${command}`);
    for (const detail of details) console.log(`    ${detail}`);
  }
}
