import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../../src/cli/commandLine.ts';
import { commands } from '../../src/cli/commands/index.ts';
import { main } from '../../src/cli/main.ts';
import type { ExplainDocument } from '../../src/report/ExplainDocument.ts';
import { reportFormats } from '../../src/report/formats.ts';
import { phases, runnableAmong, runnablePhases } from '../../src/core/Phase.ts';
import { kpr1007 } from '../../checks/agents/problems/KPR1007.ts';
import { problems } from '../../checks/problems.ts';
import { checks } from '../../checks/index.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { sourcesOf } from '../code/sources.ts';
import { aSnapshot } from '../core/snapshots.ts';
import { fakeIo } from '../support/fakeIo.ts';
import { fakeLoaders, readAll } from '../support/fakeLoaders.ts';

async function run(...argv: string[]) {
  const io = fakeIo();
  const loaders = fakeLoaders(checks, readAll(), () => aSnapshot([]));
  const exitCode = await main(argv, io, loaders);
  expect(loaders.calls.opened).toEqual([]);
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
}

describe('what is typed wrongly is one sentence and a hint, exit 2', () => {
  test.each([
    [['docter'], 'Unknown command: docter; did you mean doctor?'],
    [['doctor', '--contxt=x'], 'Unknown flag: --contxt; did you mean --context?'],
    [['doctor', 'extra'], 'kubectl kpr doctor does not take the argument extra'],
    [['doctor', '--context'], '--context needs a value'],
    [['doctor', '--from', ''], '--from is empty'],
    [['verify', '--against='], '--against is empty'],
    [['verify', '--against', 'x.kpr', '--against', ''], '--against is empty'],
    [['capture', '--redact', '--redact-key', ''], '--redact-key is empty'],
    [['diff', 'before.kpr', ''], 'The second capture’s name is empty'],
    [['doctor', '--fail-on', 'blood'], '--fail-on cannot be "blood"; it is one of error, warning, info, never'],
    [['doctor', '-o', 'xml'], `--output cannot be "xml"; it is one of ${Object.keys(reportFormats).join(', ')}`],
    [['doctor', '--timeout', 'soon'], '--timeout soon is not a duration'],
    [['explain', 'KPR0000'], 'KPR0000 is no code and no check of this version'],
    [['--color', 'never'], 'Unknown flag: --color'],
    [['help', 'docter'], 'Unknown command: docter; did you mean doctor?'],
    [['docter', '--help'], 'Unknown command: docter; did you mean doctor?'],
  ])('%j', async (argv, message) => {
    const { exitCode, stdout, stderr } = await run(...argv);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    const [first, hint, ...others] = stderr.split('\n');
    expect(first).toBe(`Error: ${message}`);
    expect(hint).toMatch(/^ {2}\S/);
    expect(others).toEqual(['']);
  });

  test('control characters of an argument do not reach the terminal', async () => {
    expect((await run('\u001b[31mdoctor')).stderr).not.toContain('\u001b');
  });
});

describe('a hint leads on', () => {
  test.each([
    [['doctor', '--contxt=x'], 'kubectl kpr doctor --help shows what there is'],
    [['capture', '-o', '-', '--redact-key', ''], 'kubectl kpr capture --help shows what there is'],
    [['docter'], 'kubectl kpr --help shows what there is'],
    [
      ['doctor', 'a b.zip'],
      "A capture or a sysdump is read with --from 'a b.zip'; kubectl kpr doctor --help shows what there is",
    ],
  ])('%j', async (argv, hint) => {
    expect((await run(...argv)).stderr.split('\n')[1]).toBe(`  ${hint}`);
  });
});

describe('help', () => {
  test.each([...commands.keys()])('of %s: examples first, then its flags, then how it is used', async (name) => {
    const { exitCode, stdout, stderr } = await run(name, '--help');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(
      new RegExp(`^(.+\\n)+\\nExamples:\\n {2}# .*\\n {2}kubectl kpr ${name}[^]*\\nUsage:\\n {2}kubectl kpr ${name}`),
    );
    // Each list of flags stands below its heading.
    for (const [, above] of stdout.matchAll(/\n(.*)\n {2,6}(?:-\w, )?--/g))
      expect(above).toMatch(/^(?:\S.*:| {2,}.*)$/);
    expect(stdout).not.toMatch(/\[string\]|\[boolean\]|choices|--kubeconfig/);
    expect(await run('help', name)).toEqual({ exitCode, stdout, stderr });
    expect(await run(name, '-n', 'x', '-h')).toEqual({ exitCode, stdout, stderr });
  });

  test.each([...commands].flatMap(([name, { examples }]) => examples.map(([, line]) => [name, line] as const)))(
    'of %s: “%s” can be typed',
    async (name, line) => {
      // What stands behind a pipe is for another program.
      const [own = ''] = line.split(' | ');
      const chosen = await parseCommandLine(own.split(' '), undefined);
      if (chosen.kind === 'help') throw new Error('no command');
      expect(chosen.name).toBe(name);
      chosen.prepare();
    },
  );

  test('is ASCII where nothing else can be shown', async () => {
    for (const topic of commands.keys()) {
      const io = fakeIo({ env: { LC_ALL: 'C' } });
      await main([topic, '--help'], io);
      expect(io.stdout.text).toMatch(/^[\n -~]+$/);
    }
  });

  test('kubectl’s flags stand in one place', async () => {
    const { exitCode, stdout } = await run('options');
    expect(exitCode).toBe(0);
    for (const flag of ['--kubeconfig=FILE', '--context=NAME', '-s, --server=URL']) expect(stdout).toContain(flag);
    expect((await run('help', 'options')).stdout).toBe(stdout);
  });

  test.each([20, 40, 80, 200])('fits %i columns where words do', async (columns) => {
    for (const [name, { flags }] of commands) {
      const chosen = await parseCommandLine([name, '--help'], columns);
      if (chosen.kind !== 'help') throw new Error('no help');
      const prose = chosen.text.split('\n').filter((line) => !/^ {2}(#|kubectl kpr)|--/.test(line));
      expect(Object.keys(flags).length).toBeGreaterThan(0);
      if (columns >= 80) expect(prose.filter((line) => line.length > Math.min(columns, 100))).toEqual([]);
    }
  });
});

describe('what needs no cluster', () => {
  test.each([[['--version']], [['version']], [['doctor', '--version']]])('%j', async (argv) => {
    expect(await run(...argv)).toMatchObject({
      exitCode: 0,
      stdout: `kubectl-kpr ${packageJson.version} (Node ${process.version}, ${process.platform}-${process.arch})\n`,
    });
  });

  test.each([[[]], [['--help']], [['help']]])('%j shows the commands as people type them', async (argv) => {
    const { exitCode, stdout } = await run(...argv);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('kubectl kpr doctor');
    expect(stdout).toContain('Exit codes:');
  });

  test('explain tells all of a code, however it is typed', async () => {
    const [full, short] = [await run('explain', 'KPR1007'), await run('explain', '1007')];
    expect(full).toEqual(short);
    for (const text of [kpr1007.title, kpr1007.symptom, kpr1007.cause, kpr1007.confirm]) {
      expect(full.stdout).toContain(text);
    }
    expect(full.stdout).not.toContain('{{');
  });

  test.each([...problems.keys()])('explain prints a remedy of %s once', async (code) => {
    const { stdout } = await run('explain', code);
    const lines = stdout.split('\n');
    // From one finding to the next: two that are the same but for the finding itself would be one.
    const remedies = stdout
      .split(/\n(?=finding )/)
      .map((part) => part.slice(part.search(/\n +do /)).trim())
      .filter((part) => part.includes(' do '));
    expect(lines.length).toBeGreaterThan(3);
    expect(new Set(remedies).size).toBe(remedies.length);
  });

  test('explain takes several codes, and checks by their ids', async () => {
    const check = checks.find(({ codes }) => codes.length > 1);
    if (check === undefined) throw new Error('no check with several codes');
    const byCheck = await run('explain', check.id);
    expect(byCheck.exitCode).toBe(0);
    expect(await run('explain', ...check.codes)).toEqual(byCheck);
    for (const code of check.codes) expect(byCheck.stdout).toContain(code);
    const json = await run('explain', ...check.codes, '-o', 'json');
    const { problems: told } = JSON.parse(json.stdout) as ExplainDocument;
    expect(told.map(({ code }) => code)).toEqual(check.codes);
  });

  test('explain without a code lists every code', async () => {
    const { stdout } = await run('explain');
    expect(stdout.trimEnd().split('\n')).toHaveLength(problems.size);
    const { problems: told, summary } = JSON.parse((await run('explain', '-o', 'json')).stdout) as ExplainDocument;
    expect(told).toEqual([...problems.values()]);
    expect(summary.problems).toBe(problems.size);
  });

  test('checks lists every check that a command runs', async () => {
    const { stdout } = await run('checks');
    const listed = checks.filter(({ phases }) => runnableAmong(phases).length > 0);
    for (const { id } of listed) expect(stdout).toContain(id);
    expect(JSON.parse((await run('checks', '-ojson')).stdout)).toMatchObject({
      summary: { checks: listed.length },
      checks: listed.map(({ id }) => ({ id })),
    });
  });
});

describe('a phase exists for users once there is its command', () => {
  test('phases that are runnable are those of commands', () => {
    expect(phases.filter((phase) => commands.has(phase))).toEqual(runnablePhases);
  });

  test('until then nothing that they read names it, nor a check that runs in it alone', async () => {
    const waiting = phases.filter((phase) => !runnablePhases.some((one) => one === phase));
    const hidden = checks.filter((check) => runnableAmong(check.phases).length === 0).map(({ id }) => id);
    const said = [
      ...[['checks'], ['explain'], ['--help'], ...[...problems.keys()].map((code) => ['explain', code])].flatMap(
        (argv) => [argv, [...argv, '-ojson']],
      ),
      ...[...commands.keys()].map((name) => [name, '--help']),
    ].map(async (argv) => (await run(...argv)).stdout);
    const pages = sourcesOf(['README.md', 'docs/*']).map(({ lines }) => lines.join('\n'));
    const texts = [...(await Promise.all(said)), ...pages];
    for (const word of [...waiting, ...hidden]) expect(texts.filter((text) => text.includes(word))).toEqual([]);
  });
});
