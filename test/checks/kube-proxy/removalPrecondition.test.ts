import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { kpr3001 } from '../../../checks/kube-proxy/problems/KPR3001.ts';
import { fillCommand } from '../../../src/remedy/fill.ts';

/** The command that is to fail while kube-proxy is still needed, run with a kubectl that answers as made up here. */
const folder = mkdtempSync(path.join(tmpdir(), 'kpr-precondition-'));
afterAll(() => rmSync(folder, { recursive: true }));

const [template = ''] = kpr3001.variants.daemonSet.remedy.steps.flatMap((step) =>
  'precondition' in step ? [step.precondition.command] : [],
);
const command = fillCommand(template, { namespace: 'kube-system' }, 'kubectl --context=prod-1');

/** @param modes what the agent in each pod says of the replacement; undefined: exec in it fails */
function statusWith(modes: Readonly<Record<string, string | undefined>>): number | null {
  const answers = Object.entries(modes).map(([pod, mode]) =>
    mode === undefined ? `  *" exec pod/${pod} "*) exit 1 ;;` : `  *" exec pod/${pod} "*) echo '${mode}' ;;`,
  );
  const pods = Object.keys(modes).map((pod) => `pod/${pod}`);
  const script = [
    '#!/bin/bash',
    'case " $* " in',
    '  *" --context=prod-1 "*) ;;',
    '  *) exit 9 ;;',
    'esac',
    'case " $* " in',
    `  *" get pods "*) printf '%s\\n' ${pods.join(' ')} ;;`,
    ...answers,
    'esac',
    '',
  ];
  const kubectl = path.join(folder, 'kubectl');
  writeFileSync(kubectl, pods.length === 0 ? '#!/bin/bash\nexit 0\n' : script.join('\n'));
  chmodSync(kubectl, 0o755);
  return spawnSync('bash', ['-c', command], { env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` } }).status;
}

const on = 'KubeProxyReplacement:   True   [eth0 172.30.0.11 (Direct Routing)]';

test.each<[string, Readonly<Record<string, string | undefined>>, number]>([
  ['every agent replaces it', { a: on, b: on }, 0],
  ['an older agent says Strict', { a: 'KubeProxyReplacement:    Strict   [eth0]' }, 0],
  ['one of them does not', { a: on, b: 'KubeProxyReplacement:   False' }, 1],
  ['the first of them does not', { a: 'KubeProxyReplacement:   False', b: on }, 1],
  ['one of them can’t be asked', { a: on, b: undefined }, 1],
  ['there is no agent', {}, 1],
])('kube-proxy may go: %s', (_, modes, status) => {
  expect(statusWith(modes)).toBe(status);
});
