import { execFileSync } from 'node:child_process';
import { array, assert, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { problems } from '../../checks/problems.ts';
import { fillCommand, fillText } from '../../src/remedy/fill.ts';
import { commandsOf } from '../support/remediesOf.ts';
import { shellQuote } from '../../src/text/shell.ts';

describe('commands with values in them', () => {
  test.each([
    ['plain', 'kubectl delete pod {{name}}', 'cilium-x7k2p', 'kubectl delete pod cilium-x7k2p'],
    ['bare', 'echo {{name}}', 'a b; rm -rf /', "echo 'a b; rm -rf /'"],
    ['bare with a quote', 'echo {{name}}', "it's", String.raw`echo 'it'\''s'`],
    [
      'between single quotes',
      `kubectl patch x -p '{"a":"{{name}}"}'`,
      "b'c",
      String.raw`kubectl patch x -p '{"a":"b'\''c"}'`,
    ],
    ['between double quotes', 'echo "{{name}}"', '$(id) `id` "', 'echo "\\$(id) \\`id\\` \\""'],
    ['behind a closed quote', `echo 'a' {{name}}`, '$x', `echo 'a' '$x'`],
    ['behind an escaped quote', String.raw`echo \' {{name}}`, '$x', String.raw`echo \' '$x'`],
    ['in a command of its own', 'a "$(b {{name}})" "{{name}}"', '$x y', `a "$(b '$x y')" "\\$x y"`],
    ['behind nested parentheses', 'a "(" ((b) {{name}})', '$x', `a "(" ((b) '$x')`],
    ['empty', 'echo {{name}}', '', "echo ''"],
    ['control characters', 'echo {{name}}', '\u001b[2J\u202e', String.raw`echo $'\x1b[2J\U0000202e'`],
  ])('%s', (_, template, name, expected) => {
    expect(fillCommand(template, { name }, 'kubectl')).toBe(expected);
  });

  test('a value that is not known is a word that people see they have to replace', () => {
    expect(fillCommand('kubectl delete pod {{agentPod}}', {}, 'kubectl')).toBe('kubectl delete pod AGENT_POD');
    expect(fillText('on {{node}}', {})).toBe('on NODE');
  });

  test('a shell takes each quoted value for exactly that text', () => {
    const texts = ['', "it's", '$(id)', '\\', '\u001b[2J', '\u202ea', 'a\nb', '"', '!x', '*', '~', "\\'\u0007"];
    assert(
      property(array(string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'))), (more) => {
        const words = [...texts, ...more];
        const script = `printf '%s\\0' ${words.map(shellQuote).join(' ')}`;
        const printed = execFileSync('bash', ['-c', script], {
          encoding: 'utf8',
          env: { ...process.env, LC_ALL: 'C.UTF-8' },
        });
        expect(printed.split('\0').slice(0, -1)).toEqual(words);
      }),
      { numRuns: 20 },
    );
  });

  test.each([
    ['kubectl get pods', 'kubectl --context=p get pods'],
    ['kubectl get x | kubectl apply -f -', 'kubectl --context=p get x | kubectl --context=p apply -f -'],
    ['kubectl a\nkubectl b', 'kubectl --context=p a\nkubectl --context=p b'],
    // kubectl takes no flags before the name of a plugin.
    ['kubectl kpr doctor --node n1', 'kubectl kpr doctor --context=p --node n1'],
    ['kubectl kpr doctor', 'kubectl kpr doctor --context=p'],
    ['sudo iptables-save', 'sudo iptables-save'],
    ['echo kubectl get', 'echo kubectl get'],
    ['cat /etc/kubectl x', 'cat /etc/kubectl x'],
  ])('%s gets the flags of the user', (template, expected) => {
    expect(fillCommand(template, {}, 'kubectl --context=p')).toBe(expected);
  });
});

describe('the prose of every finding', () => {
  const variants = [...problems].flatMap(([code, { variants }]) =>
    Object.entries(variants).map(([name, variant]) => [`${code} ${name}`, variant] as const),
  );
  test.each(variants)('%s: its commands are complete sentences of a shell', (_, variant) => {
    for (const command of commandsOf(variant)) {
      // Hostile values must not end the word that they stand in.
      const filled = fillCommand(command, new Proxy({}, { get: () => `a'b"c$(false)\`d\`` }), 'kubectl --context=p');
      expect(() => execFileSync('bash', ['-n', '-c', filled], { stdio: 'pipe' })).not.toThrow();
    }
  });
});

test.each([
  ['kubectl delete pod {{x}}', 'kubectl delete pod X'],
  ['kubectl delete pod "{{x}}"', 'kubectl delete pod "X"'],
  ["kubectl delete pod '{{x}}'", "kubectl delete pod 'X'"],
  ['grep -F -- {{x}} file', 'grep -F -- --all file'],
  ['kubectl get pods --field-selector=metadata.name={{x}}', 'kubectl get pods --field-selector=metadata.name=--all'],
])('what would be taken for a flag is none: %s', (template, filled) => {
  expect(fillCommand(template, { x: '--all' }, 'kubectl')).toBe(filled);
});
