import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const recording = (name: string): string => join(root, 'test/fixtures/recordings', name);
const before = join(root, 'test/fixtures/against/before.kpr');
const after = join(root, 'test/fixtures/against/after.kpr');
const healthy = recording('healthy-1.20.kpr');
const withRules = recording('kube-proxy-rules-left.kpr');

const broken = join(root, 'examples/captures/broken-cluster.kpr');

/** One call of the program. In it `{out}` stands for a folder to write to, `{key}` for a file with a key. */
export interface Call {
  readonly args: readonly string[];
  /** Something that stdout says, so that two programs that both fail are not alike. */
  readonly says: string;
}

const call = (says: string, ...args: string[]): Call => ({ says, args });

export const offlineCalls: readonly Call[] = [
  call('kubectl-kpr ', 'version'),
  call('kubectl kpr doctor', 'help'),
  call('kubectl kpr doctor', '--help'),
  call('--against', 'verify', '--help'),
  call('KPR3003', 'doctor', '--from', broken),
  call('\u001b[', 'doctor', '--from', broken, '--verbose', '--color', 'always'),
  call('KPR9002', 'doctor', '--from', recording('agent-frozen.zip'), '--quiet'),
  call('KPR9002', 'doctor', '--from', join(root, 'test/fixtures/archive/sysdump')),
  call('"KPR3003"', 'doctor', '--from', withRules, '-o', 'json'),
  call('verified: 2 of 2 nodes', 'verify', '--from', healthy),
  call('"verify"', 'verify', '--from', healthy, '-o', 'json'),
  call('Against ', 'verify', '--from', after, '--against', before),
  call('"against"', 'verify', '--from', after, '--against', before, '-o', 'json'),
  call('10.96.0.1', 'trace', 'svc/kubernetes', '--from', healthy),
  call('"trace"', 'trace', 'svc/kubernetes', '--from', healthy, '-o', 'json'),
  call('others’ rules', 'diff', before, after),
  call('@@', 'diff', recording('healthy-1.18.kpr'), withRules, '-U', '3', '--allow-mismatch'),
  call('"different"', 'diff', before, after, '-o', 'json'),
  call('2 nodes', 'capture', '--from', broken, '-o', '{out}/copy.kpr'),
  call('redacted: ', 'capture', '--from', broken, '--redact', '-o', '{out}/redacted.kpr'),
  call('redacted: ', 'capture', '--from', broken, '--redact', '--redact-key', '{key}', '-o', '{out}/keyed.kpr'),
  call('Nothing was changed, and nothing was written', 'cleanup', '--trust-archive', '--from', withRules),
  call('{out}/scripts/cleanup-n1.sh', 'cleanup', '--trust-archive', '--from', withRules, '-o', '{out}/scripts'),
  call('complete -F', 'completion', 'bash'),
  call('--strict', '__complete', 'doctor', '--str'),
  call('who answers at 10.96.0.1:443', 'trace', '10.96.0.1:443', '--from', healthy),
  call('completionMode: Indexed', 'job', '--image', 'registry.example/kubectl-kpr:1', '--shards', '4'),
  call('kind: ClusterRoleBinding', 'job', '--image', 'registry.example/kubectl-kpr:1', '--with-role'),
  call('--index', 'shard', '--help'),
  call('No shard can be read', 'merge', healthy, '-o', 'json'),
  call('no-go', 'preflight', '--from', broken, '--change', 'remove-kube-proxy'),
  call('KPR3003', 'checks'),
  call('"KPR3003"', 'checks', '-o', 'json'),
  call('KPR9004', 'explain'),
  call('--check leftover-iptables', 'explain', 'KPR3003'),
  call('"KPR3003"', 'explain', 'KPR3003', '-o', 'json'),
];

/**
 * The cluster of the live calls. Its tables are as they should be, so that nothing is read a second time after a while.
 */
export const liveCapture = withRules;

export const liveCalls: readonly Call[] = [
  call('KPR3003', 'doctor'),
  call('verified: ', 'verify'),
  call('10.96.0.1', 'trace', 'svc/kubernetes'),
  call('2 nodes', 'capture', '-o', '{out}/live.kpr'),
  call('unchanged', 'diff', withRules),
  call('# Takes away what kube-proxy left', 'cleanup', '--node', 'n1'),
  call('Read again:', 'cleanup', '--apply', '--node', 'n1', '--yes'),
];
