import { array, assert, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splitShell } from '../../src/collect/splitShell.ts';

const greeting = '\u001b[36m /¯¯\u001b[33m\\__/\u001b[0m\r\n\r\n';
const commands = ['db/show frontends', 'db/show health', 'db/show node-addresses'];

describe('splitShell', () => {
  test('each answer by its command, without prompts and carriage returns', () => {
    const text = `${greeting}n1> db/show frontends\r\nAddress   Type\r\n10.96.0.1:443/TCP   ClusterIP\r\nn1> db/show health\r\nModule\r\nn1> db/show node-addresses\r\nn1> `;
    expect([...splitShell(text, commands)]).toEqual([
      ['db/show frontends', 'Address   Type\n10.96.0.1:443/TCP   ClusterIP\n'],
      ['db/show health', 'Module\n'],
      ['db/show node-addresses', ''],
    ]);
  });

  test('a long node name makes the terminal break the line of a command', () => {
    const name = 'n'.repeat(70);
    const text = `${greeting}${name}> db/show \r\nhealth\r\nModule\r\n${name}> `;
    expect(splitShell(text, commands).get('db/show health')).toBe('Module\n');
  });

  test('what was not repeated has no answer', () => {
    const text = `${greeting}cilium> db/show health\r\nModule\r\n`;
    expect([...splitShell(text, commands).keys()]).toEqual(['db/show health']);
    expect([...splitShell('', commands)]).toEqual([]);
  });

  test('total', () => {
    assert(
      property(string(), array(string({ minLength: 1 }), { maxLength: 4 }), (text, typed) => {
        const answers = splitShell(text, typed);
        return [...answers.keys()].every((command) => typed.includes(command));
      }),
    );
  });
});
