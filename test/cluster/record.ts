// npm run record [RECORDING...]: takes the states of recordings.ts on real clusters, each as a capture
// and as a sysdump, for the tests that need no cluster, and for `npm start`. One that does not show
// what it is to show is not kept.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { buildZip } from '../collect/archive/buildZip.ts';
import { agentsOldEnough } from './lib/agentsOldEnough.ts';
import { Bed, BedError } from './lib/Bed.ts';
import { kpr, serious, showFinding } from './lib/kpr.ts';
import { machineTraces } from './lib/machineTraces.ts';
import { takeCapture } from './lib/takeCapture.ts';
import { takeSysdump } from './lib/takeSysdump.ts';
import { recordedClusters, recordings, type Recording } from './recordings.ts';

const root = join(import.meta.dirname, '..', '..');
const folders = { fixtures: join(root, 'test/fixtures/recordings'), examples: join(root, 'examples/captures') };

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !recordings.some((recording) => recording.name === name));
if (unknown.length > 0) {
  console.error(`no recording ${unknown.join(', ')}; there are: ${recordings.map(({ name }) => name).join(', ')}`);
  process.exit(64);
}

let failures = 0;
for (const { options, recordings } of recordedClusters) {
  const last = recordings.findLastIndex(({ name }) => wanted.length === 0 || wanted.includes(name));
  if (last === -1) continue;
  const bed = await Bed.up(options).catch((error: unknown) => {
    if (!(error instanceof BedError && error.unavailable)) throw error;
    console.error(error.message);
    process.exit(69);
  });
  await agentsOldEnough(bed);
  // Those before a wanted one are made too: it may build on what they leave.
  for (const recording of recordings.slice(0, last + 1)) {
    const started = performance.now();
    const back = await recording.make?.(bed);
    if (wanted.length === 0 || wanted.includes(recording.name)) {
      await new Promise((resolve) => setTimeout(resolve, (recording.showsAfter ?? 0) * 1000));
      const problems = await record(bed, recording);
      failures += problems.length;
      const seconds = ((performance.now() - started) / 1000).toFixed(0);
      console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${recording.name}: ${seconds} s`);
      for (const problem of problems) console.log(`     ${problem}`);
    }
    await back?.();
  }
  await bed.down();
}
console.log('now: npx vitest run test/report/recordings.test.ts -u, and read what has changed');
process.exit(failures === 0 ? 0 : 1);

/** Gives what is wrong with it; then nothing is kept. */
async function record(bed: Bed, { name, codes, isExample = false }: Recording): Promise<string[]> {
  mkdirSync(folders.fixtures, { recursive: true });
  const work = mkdtempSync(join(folders.fixtures, '.work-'));
  try {
    const capture = join(work, `${name}.kpr`);
    const sysdump = join(work, `${name}.zip`);
    const problems = await captureThatShows(bed, name, codes, capture);
    if (problems.length > 0) return problems;
    const files = await takeSysdump(bed);
    writeFileSync(sysdump, buildZip(files));
    const texts = [gunzipSync(readFileSync(capture)).toString('latin1'), ...files.map(({ content }) => content)];
    const traces = new Set(texts.flatMap(machineTraces));
    if (traces.size > 0) return [`it would tell about this machine: ${[...traces].join(', ')}`];
    // Captures are their owner's alone; these are everybody's.
    chmodSync(capture, 0o644);
    renameSync(capture, join(isExample ? folders.examples : folders.fixtures, `${name}.kpr`));
    renameSync(sysdump, join(folders.fixtures, `${name}.zip`));
    return [];
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * What a state needs to show differs with the machine: captures are taken until the codes are in one, or half a minute.
 */
async function captureThatShows(bed: Bed, name: string, codes: readonly string[], file: string): Promise<string[]> {
  for (let attempt = 1; ; attempt++) {
    await takeCapture(bed, name, file);
    const found = serious((await kpr(bed, 'doctor', ['--from', file])).findings);
    const missing = codes.filter((code) => !found.some((finding) => finding.code === code));
    const others = found.filter(({ code }) => !codes.includes(code));
    if (missing.length + others.length === 0) return [];
    if (attempt === 4) return [...missing.map((code) => `no ${code}`), ...others.map(showFinding)];
    await new Promise((resolve) => setTimeout(resolve, 10_000));
  }
}
