import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { reportFormats } from '../../src/report/formats.ts';
import { temporaryFolder } from '../collect/archive/support.ts';
import { fakeIo } from '../support/fakeIo.ts';

const broken = join(import.meta.dirname, '../../examples/captures/broken-cluster.kpr');

async function run(...argv: readonly string[]) {
  const io = fakeIo();
  const exitCode = await main(argv, io);
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
}

/** Times differ from run to run. */
const timeless = (text: string): string =>
  text.replaceAll(/durationMs.*|kpr_run_duration.*|time="[\d.]*"|[\d.]+ s\b/g, '');

describe('--report', () => {
  test('writes each format beside what is printed, the same as -o prints it', async () => {
    const folder = temporaryFolder();
    const names = Object.keys(reportFormats);
    const flags = names.map((name) => `--report=${name}=${join(folder, name)}`);
    const { exitCode, stdout } = await run('doctor', '--from', broken, ...flags);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('exit 1: ');
    expect(readdirSync(folder).sort()).toEqual(names.toSorted());
    for (const name of names) {
      const alone = await run('doctor', '--from', broken, '-o', name);
      expect(timeless(readFileSync(join(folder, name), 'utf8')), name).toBe(timeless(alone.stdout));
    }
  });

  test.each([
    'trace httpd --from FILE',
    'diff FILE FILE --allow-mismatch',
    'diff FILE FILE -U 3',
    'verify --from FILE',
  ])('%s', async (line) => {
    const file = join(temporaryFolder(), 'a.yaml');
    const argv = line.split(' ').map((word) => (word === 'FILE' ? broken : word));
    const { exitCode } = await run(...argv, '--report', `yaml=${file}`);
    expect(readFileSync(file, 'utf8')).toContain(`exitCode: ${exitCode}\n`);
  });

  test('takes the place of an earlier one', async () => {
    const file = join(temporaryFolder(), 'a.prom');
    writeFileSync(file, 'old');
    await run('doctor', '--from', broken, '--report', `prometheus=${file}`);
    expect(readFileSync(file, 'utf8')).toContain('kpr_up 1\n');
  });

  test('never that of a link, a device or a folder', async () => {
    const folder = temporaryFolder();
    const target = join(folder, 'target');
    writeFileSync(target, 'precious');
    symlinkSync(target, join(folder, 'link'));
    mkdirSync(join(folder, 'folder'));
    for (const file of [join(folder, 'link'), join(folder, 'folder'), '/dev/null', '-', join(folder, 'no/such')]) {
      const { exitCode, stdout } = await run('doctor', '--from', broken, '--report', `json=${file}`);
      expect(exitCode, file).toBe(2);
      expect(stdout).toBe('');
    }
    expect(readFileSync(target, 'utf8')).toBe('precious');
    expect(readdirSync(folder).sort()).toEqual(['folder', 'link', 'target']);
    expect(existsSync('-'), 'a file named -').toBe(false);
  });

  test('never that of what is read', async () => {
    const folder = temporaryFolder();
    const capture = join(folder, 'a.kpr');
    copyFileSync(broken, capture);
    symlinkSync(folder, `${folder}-link`);
    const before = readFileSync(capture);
    for (const file of [capture, join(folder, '.', 'a.kpr'), join(`${folder}-link`, 'a.kpr')]) {
      expect((await run('doctor', '--from', capture, '--report', `json=${file}`)).exitCode).toBe(2);
      expect((await run('diff', capture, broken, '--report', `json=${file}`)).exitCode).toBe(2);
      expect((await run('diff', broken, capture, '--report', `json=${file}`)).exitCode).toBe(2);
      expect((await run('verify', '--from', broken, '--against', capture, `--report=json=${file}`)).exitCode).toBe(2);
    }
    expect(readFileSync(capture).equals(before)).toBe(true);
  });

  test('a file for two formats is refused', async () => {
    const file = join(temporaryFolder(), 'a');
    const { exitCode, stderr } = await run(
      'doctor',
      '--from',
      broken,
      `--report=json=${file}`,
      `--report=yaml=${file}`,
    );
    expect([exitCode, existsSync(file)]).toEqual([2, false]);
    expect(stderr).toContain('is named twice');
  });

  test.each(['json', 'json=', '=a', 'jsn=a', 'constructor=a'])('%s is refused', async (typed) => {
    const { exitCode, stderr } = await run('doctor', '--from', broken, '--report', typed);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('is not FORMAT=FILE with one of table, ');
  });

  test('a failure is told in each, so that nobody takes what an earlier run left for the answer', async () => {
    const folder = temporaryFolder();
    const [json, table] = [join(folder, 'a.json'), join(folder, 'a.txt')];
    writeFileSync(json, '{"verdict":"pass"}');
    const { exitCode, stdout } = await run(
      'doctor',
      '--from',
      join(folder, 'none'),
      `--report=json=${json}`,
      '--report',
      `table=${table}`,
    );
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({ verdict: 'error', exitCode: 2 });
    expect(readFileSync(table, 'utf8')).toMatch(/^Error: There is no file /);
  });

  test('other names of a file that is replaced keep what they have', async () => {
    const folder = temporaryFolder();
    const [file, other] = [join(folder, 'a'), join(folder, 'b')];
    writeFileSync(other, 'old');
    linkSync(other, file);
    await run('doctor', '--from', broken, '--report', `json=${file}`);
    expect(readFileSync(other, 'utf8')).toBe('old');
    expect(statSync(file).size).toBeGreaterThan(100);
  });

  test.each([['doctor'], ['verify'], ['diff', broken], ['trace', 'svc/kube-dns', '-n', 'kube-system']])(
    '%s: where one cannot be written it fails, and the answer and all others are there',
    async (...command) => {
      const folder = temporaryFolder();
      const [file, other] = [join(folder, 'a'.repeat(300)), join(folder, 'b')];
      const from = command[0] === 'diff' ? [broken] : ['--from', broken];
      const said = await run(
        ...command,
        ...from,
        '-o',
        'json',
        '--report',
        `json=${file}`,
        '--report',
        `json=${other}`,
      );
      expect(said.exitCode).toBe(2);
      expect(said.stderr).toMatch(/^Error: Cannot write /m);
      expect(readFileSync(other, 'utf8')).toBe(said.stdout);
      expect(JSON.parse(said.stdout)).not.toMatchObject({ verdict: 'error' });
      expect(readdirSync(folder)).toEqual(['b']);
    },
  );
});
